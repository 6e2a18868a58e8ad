"""Adding entries: three statements, in the caller's transaction, one unbroken chain."""

import datetime
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from governance.audit.links import FIRST, link_hash, plain
from governance.audit.models import AuditEntry, AuditHead
from governance.audit.services import audit_append
from governance.audit.verify import chain_walk

GRID = "420502001001001"
DEVICE = UUID("01999999-0000-7000-8000-000000000001")


@pytest.mark.django_db
def test_an_entry_says_who_what_whose_why_and_from_where(actor):
    person = uuid4()
    audit_append(
        actor=actor,
        action="records.reveal",
        kind="person",
        subject=person,
        scope=GRID,
        detail={"f": "phone"},
        chain=GRID,
    )
    entry = AuditEntry.objects.get()
    assert (entry.chain, entry.seq, entry.previous) == (GRID, 1, FIRST)
    assert (entry.actor_id, entry.username, entry.source, entry.device_id) == (7, "wangxm", "worker", None)
    assert (entry.action, entry.kind, entry.subject, entry.scope) == (
        "records.reveal",
        "person",
        person,
        GRID,
    )
    assert (entry.count, entry.purpose, entry.address) == (1, "入户走访", "10.0.0.7")
    assert entry.detail == {"f": "phone"}
    assert entry.at.tzinfo is not None


@pytest.mark.django_db
def test_one_statement_once_the_chain_has_begun(actor, django_assert_num_queries):
    audit_append(actor=actor, action="a.b", chain=GRID)
    for _ in range(2):
        with django_assert_num_queries(1 if connection.vendor == "postgresql" else 3):
            audit_append(actor=actor, action="a.b", subjects=[uuid4() for _ in range(500)], chain=GRID)


@pytest.mark.django_db
def test_each_link_holds_the_hash_before_it(actor):
    for action in ("a.one", "a.two", "a.three"):
        audit_append(actor=actor, action=action, chain=GRID)
    audit_append(actor=actor, action="b.one", chain="420500")
    links = list(AuditEntry.objects.filter(chain=GRID).order_by("seq"))
    assert [link.previous for link in links] == [FIRST, links[0].hash, links[1].hash]
    head = AuditHead.objects.get(chain=GRID)
    assert (head.seq, head.hash) == (3, links[2].hash)
    assert AuditEntry.objects.get(chain="420500").previous == FIRST


@pytest.mark.django_db
def test_the_hash_covers_every_column(actor):
    audit_append(actor=actor, action="a.b", chain=GRID)
    entry = AuditEntry.objects.get()
    texts = ("chain", "username", "source", "action", "kind", "scope", "purpose", "address")
    changes = {
        **dict.fromkeys(texts, "x"),
        "seq": 2,
        "at": entry.at + datetime.timedelta(microseconds=1),
        "actor_id": 8,
        "device_id": DEVICE,
        "subject": DEVICE,
        "subjects": [str(DEVICE)],
        "count": 9,
        "detail": {"a": 1},
    }
    columns = {field.attname for field in AuditEntry._meta.concrete_fields}
    assert changes.keys() == columns - {"id", "previous", "hash"}
    for name, value in changes.items():
        assert link_hash(FIRST, {**vars(entry), name: value}) != entry.hash
    assert link_hash("1" * 64, vars(entry)) != entry.hash


@pytest.mark.django_db
@pytest.mark.parametrize(
    "detail",
    [
        {"whole": 1.0, "big": 1e22, "small": 1e-7, "third": 1 / 3, "minus": -0.0, "int": 2**70},
        {"z": 1, "a": {"乙": [1, None, True], "甲": "换\n行 “引号” \\ / \x1f"}, "": []},
        {"nul": "a\x00b", "half": "\ud800", "k\x00": 1, "day": datetime.date(2026, 1, 31), "id": DEVICE},
    ],
)
def test_what_is_read_back_has_the_same_hash(actor, detail):
    audit_append(actor=actor, action="a.b", detail=detail, subjects=[DEVICE], chain=GRID)
    assert AuditEntry.objects.get().detail == plain(detail)
    assert chain_walk(GRID).broken is None


@pytest.mark.django_db
def test_hostile_names_are_kept_readable(actor):
    wild = replace(
        actor, username="x\x00\ud800" * 200, address="a" * 200, purpose="目" * 500, device_id=DEVICE
    )
    audit_append(actor=wild, action="a.b", chain="user:\x00" + "n" * 300)
    entry = AuditEntry.objects.get()
    assert entry.username.startswith("x\ufffd?")
    assert [len(text) for text in (entry.username, entry.address, entry.purpose, entry.chain)] == [
        150,
        64,
        200,
        160,
    ]
    assert chain_walk(entry.chain).broken is None


@pytest.mark.django_db
@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_what_json_cannot_hold_is_refused(actor, value):
    with pytest.raises((ValueError, TypeError)), transaction.atomic():
        audit_append(actor=actor, action="a.b", detail={"x": value}, chain=GRID)
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_refuses(actor):
    with pytest.raises(TransactionManagementError):
        audit_append(actor=actor, action="a.b", chain=GRID)
    assert not AuditHead.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_leaves_no_trace_and_no_gap(actor):
    for attempt in range(4):
        try:
            with transaction.atomic():
                audit_append(actor=actor, action="a.b", chain=GRID)
                if attempt % 2:
                    raise LookupError
        except LookupError:
            continue
    walked = chain_walk(GRID)
    assert (walked.links, walked.broken) == (2, None)


@pytest.mark.django_db(transaction=True)
def test_many_writers_keep_one_chain_unbroken(actor):
    writers, each = 8, 12
    together = threading.Barrier(writers)

    def write(number):
        try:
            together.wait()
            for turn in range(each):
                with transaction.atomic():
                    audit_append(
                        actor=actor, action="a.b", detail={"writer": number, "turn": turn}, chain=GRID
                    )
        finally:
            connection.close()

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(writers)))
    walked = chain_walk(GRID)
    assert (walked.links, walked.broken) == (writers * each, None)
    assert AuditHead.objects.get(chain=GRID).seq == writers * each


if connection.vendor == "postgresql":

    @pytest.mark.django_db(transaction=True)
    def test_chains_do_not_wait_for_each_other(actor):
        def elsewhere():
            try:
                with transaction.atomic():
                    audit_append(actor=actor, action="a.b", chain="420502001001002")
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool, transaction.atomic():
            audit_append(actor=actor, action="a.b", chain=GRID)
            pool.submit(elsewhere).result(timeout=60)
        assert chain_walk(GRID).links == chain_walk("420502001001002").links == 1
