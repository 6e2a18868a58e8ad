"""The audit's page: for the audit administrator alone, read only, and itself entered."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from governance.access.actor import HUB
from governance.access.services.accounts import account_create
from governance.access.services.roles import roles_sync
from governance.audit.models import AuditEntry
from governance.audit.services import audit_append

LIST = "admin:audit_auditentry_changelist"


@pytest.fixture
def browser(db):
    roles_sync()

    def make(role) -> Client:
        user = account_create(
            actor=HUB,
            username=f"as_{role}",
            password="Yichang-2026",
            roles=[role],
            must_change_password=False,
        )
        client = Client(REMOTE_ADDR="10.0.0.7")
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "status"),
    [("audit_admin", 200), ("system_admin", 403), ("security_admin", 403), ("commander", 403)],
)
def test_who_reads_the_audit(browser, role, status):
    assert browser(role).get(reverse(LIST)).status_code == status


@pytest.mark.django_db
def test_entries_are_shown_and_nothing_else(browser, actor):
    audit_append(actor=actor, action="records.reveal", kind="person", chain="420502001001001")
    entry = AuditEntry.objects.get()
    client = browser("audit_admin")
    text = client.get(reverse(LIST)).content.decode()
    assert all(word in text for word in ("records.reveal", "wangxm", "入户走访", "审计记录", "来源地址"))
    one = reverse("admin:audit_auditentry_change", args=[entry.pk])
    assert entry.hash in client.get(one).content.decode()
    assert client.post(one, {"username": "x"}).status_code == 403
    assert client.get(reverse("admin:audit_auditentry_add")).status_code == 403
    assert client.get(reverse("admin:audit_auditentry_delete", args=[entry.pk])).status_code == 403


@pytest.mark.django_db
def test_reading_is_itself_entered(browser):
    browser("audit_admin").get(reverse(LIST), {"action": "records.reveal"})
    entry = AuditEntry.objects.get(action="audit.read")
    assert (entry.username, entry.purpose, entry.address) == ("as_audit_admin", "查阅审计", "10.0.0.7")
    assert entry.detail == {"query": "action=records.reveal"}


@pytest.mark.django_db
def test_search_by_account_grid_and_record(browser, actor):
    person = uuid4()
    audit_append(actor=actor, action="a.alone", subject=person, scope="420502001001001", chain="g1")
    audit_append(
        actor=actor, action="a.batch", subjects=[uuid4(), person], scope="420502001001001", chain="g1"
    )
    audit_append(actor=actor, action="a.other", subject=uuid4(), scope="420503001001001", chain="g2")
    client = browser("audit_admin")
    for term, found in (
        (str(person), {"a.alone", "a.batch"}),
        ("4205020", {"a.alone", "a.batch"}),
        ("wangxm", {"a.alone", "a.batch", "a.other"}),
        ("g2", {"a.other"}),
    ):
        table = (
            client.get(reverse(LIST), {"q": term})
            .content.decode()
            .partition("<table")[2]
            .partition("</table")[0]
        )
        assert {name for name in ("a.alone", "a.batch", "a.other") if name in table} == found
