"""The verifier names the first broken link."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from governance.audit import triggers
from governance.audit.models import AuditEntry, AuditHead
from governance.audit.services import audit_append
from governance.audit.verify import Break, chain_walk, chains

CHAIN = "420502001001001"


@pytest.fixture
def tampered(db, actor):
    """Five links in one chain and two in another; give a way round the triggers."""
    for number in range(5):
        audit_append(actor=actor, action="a.b", detail={"number": number}, chain=CHAIN)
    for _ in range(2):
        audit_append(actor=actor, action="a.b", chain="420500")

    def run(statement, *values):
        with triggers.lifted(connection), connection.cursor() as cursor:
            cursor.execute(statement, values)

    return run


def broken() -> Break | None:
    return chain_walk(CHAIN).broken


@pytest.mark.django_db
def test_whole_chains_pass(tampered, capsys):
    call_command("audit_verify")
    told = capsys.readouterr().out
    assert "2条链，7条记录" in told
    assert "链头总摘要" in told
    assert list(chains()) == ["420500", CHAIN]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "seq", "what"),
    [
        ("UPDATE {entry} SET username = 'x' WHERE chain = %s AND seq > 2", 3, "内容与摘要不符"),
        ("UPDATE {entry} SET detail = '[9]' WHERE chain = %s AND seq = 5", 5, "内容与摘要不符"),
        ("UPDATE {entry} SET hash = '00' WHERE chain = %s AND seq = 2", 2, "内容与摘要不符"),
        ("UPDATE {entry} SET previous = '00' WHERE chain = %s AND seq = 2", 2, "前一摘要"),
        ("DELETE FROM {entry} WHERE chain = %s AND seq = 1", 2, "缺少第1条"),
        ("DELETE FROM {entry} WHERE chain = %s AND seq IN (2, 3)", 4, "缺少第2条"),
        ("DELETE FROM {entry} WHERE chain = %s AND seq > 3", 4, "链尾缺失"),
        ("DELETE FROM {entry} WHERE chain = %s", 1, "链尾缺失"),
        ("DELETE FROM audit_audithead WHERE chain = %s", 5, "链头缺失"),
        ("UPDATE audit_audithead SET hash = '00' WHERE chain = %s", 5, "链头所记摘要"),
        ("UPDATE audit_audithead SET seq = 4 WHERE chain = %s", 4, "链头所记摘要"),
    ],
)
def test_the_first_broken_link_is_named(tampered, capsys, statement, seq, what):
    tampered(statement.format(entry="audit_auditentry"), CHAIN)
    found = broken()
    assert (found.chain, found.seq) == (CHAIN, seq)
    assert what in found.what
    with pytest.raises(CommandError, match="1条断裂") as refused:
        call_command("audit_verify")
    assert refused.value.returncode == 1
    told = capsys.readouterr().err
    assert f"链 {CHAIN} 第{seq}条" in told
    call_command("audit_verify", chain="420500")


@pytest.mark.django_db
def test_a_tail_cut_with_its_head_set_back_shows_at_the_overall_digest(tampered, capsys):
    call_command("audit_verify")
    before = capsys.readouterr().out.splitlines()[-1]
    last = AuditEntry.objects.get(chain=CHAIN, seq=4)
    tampered("DELETE FROM audit_auditentry WHERE chain = %s AND seq = 5", CHAIN)
    tampered("UPDATE audit_audithead SET seq = 4, hash = %s WHERE chain = %s", last.hash, CHAIN)
    call_command("audit_verify")
    assert capsys.readouterr().out.splitlines()[-1] != before


@pytest.mark.django_db
def test_a_link_beyond_the_head_is_a_fault(tampered):
    fourth = AuditEntry.objects.get(chain=CHAIN, seq=4)
    tampered("UPDATE audit_audithead SET seq = 4, hash = %s WHERE chain = %s", fourth.hash, CHAIN)
    assert broken() == Break(CHAIN, 5, "链头落后：链头记到第4条，却有第5条")


@pytest.mark.django_db
def test_links_added_during_the_walk_are_no_fault(tampered, actor, monkeypatch):
    first = AuditHead.objects.filter(chain=CHAIN).first
    calls = []

    def once_more(self):
        if not calls:
            calls.append(first())
            audit_append(actor=actor, action="a.b", chain=CHAIN)
            return calls[0]
        return first()

    monkeypatch.setattr("django.db.models.query.QuerySet.first", once_more)
    assert chain_walk(CHAIN).broken is None
    assert chain_walk(CHAIN).links == 6


@pytest.mark.django_db
def test_an_unknown_chain_is_named(tampered):
    with pytest.raises(CommandError, match="没有审计链“nowhere”") as refused:
        call_command("audit_verify", chain="nowhere")
    assert refused.value.returncode == 2


@pytest.mark.django_db
def test_missing_triggers_are_a_fault(tampered, capsys):
    triggers.remove(connection)
    with pytest.raises(CommandError):
        call_command("audit_verify")
    assert "触发器缺失" in capsys.readouterr().err


@pytest.mark.django_db
def test_memory_stays_the_same_however_long_the_chain(tampered, actor, django_assert_num_queries):
    with django_assert_num_queries(3):
        chain_walk(CHAIN)
