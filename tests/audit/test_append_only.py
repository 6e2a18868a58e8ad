"""The database itself refuses to change or delete entries."""

import pytest
from django.db import DatabaseError, connection, transaction

from governance.audit import triggers
from governance.audit.models import AuditEntry
from governance.audit.services import audit_append

STATEMENTS = [
    "UPDATE audit_auditentry SET username = 'somebody'",
    "DELETE FROM audit_auditentry",
    "DELETE FROM audit_auditentry WHERE id > 0",
    *(["TRUNCATE audit_auditentry"] if connection.vendor == "postgresql" else []),
]


@pytest.mark.django_db
@pytest.mark.parametrize("statement", STATEMENTS)
def test_raw_statements_fail(actor, statement):
    audit_append(actor=actor, action="a.b", chain="c")
    with (
        pytest.raises(DatabaseError, match="审计记录只能追加"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert AuditEntry.objects.get().username == "wangxm"


@pytest.mark.django_db
def test_so_do_the_models_own_ways(actor):
    audit_append(actor=actor, action="a.b", chain="c")
    entry = AuditEntry.objects.get()
    for wish in (entry.save, entry.delete, AuditEntry.objects.all().delete):
        with pytest.raises(DatabaseError, match="审计记录只能追加"), transaction.atomic():
            wish()


@pytest.mark.django_db
def test_installing_twice_does_no_harm_and_removal_is_noticed():
    triggers.install(connection)
    triggers.install(connection)
    assert triggers.installed(connection)
    with triggers.lifted(connection):
        assert not triggers.installed(connection)
    assert triggers.installed(connection)


@pytest.mark.django_db(transaction=True)
def test_a_transactional_test_is_emptied_nevertheless(actor):
    with transaction.atomic():
        audit_append(actor=actor, action="a.b", chain="c")
    assert triggers.installed(connection)
