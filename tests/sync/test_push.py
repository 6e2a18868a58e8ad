"""What the hub makes of pushes, good and bad, as they come over the wire."""

import gzip
import json
import re

import pytest

from governance.access.actor import Actor
from governance.audit.models import AuditEntry
from governance.contract import uuid7
from governance.contract.wire import MAX_BATCH, MAX_BODY
from governance.records.models import Inbox, Person
from tests.sync.tablet import JSON, Tablet, offer


def test_a_day_offline_arrives_in_one_push(worker: Actor, home: dict[str, str]) -> None:
    newborn = offer("person", household=home["household"], name="王样", residence_kind="1")
    newborn["captured_at"] = "2026-11-22T08:30:00+08:00"
    newborn["position"] = {"lon": 111.285, "lat": 30.695, "accuracy": 8.0, "crs": "4326"}
    edit = offer("household", home["household"], 1, head_phone="10001234567")
    results = Tablet().push(newborn, edit)
    assert [(result["status"], result["version"]) for result in results] == [("created", 1), ("updated", 2)]
    (trace,) = AuditEntry.objects.filter(action="push").order_by("-seq")[:1]
    assert set(trace.subjects) == {newborn["id"], home["household"]}


@pytest.mark.parametrize("cut", [None, 40])
def test_a_gzipped_body_is_the_same(worker: Actor, home: dict[str, str], cut: int | None) -> None:
    body = {"changes": [offer("person", household=home["household"], name="王", residence_kind="1")]}
    whole = json.dumps(body).encode()
    members = [whole] if cut is None else [whole[:cut], whole[cut:]]
    response = Tablet().client.post(
        "/api/v1/sync/push",
        b"".join(map(gzip.compress, members)),
        content_type=JSON,
        headers={"Content-Encoding": "GZIP" if cut else "gzip"},
    )
    assert response.json()["results"][0]["status"] == "created"


def test_a_malformed_change_is_kept_and_spoils_no_neighbour(worker: Actor, home: dict[str, str]) -> None:
    good = offer("person", household=home["household"], name="王", residence_kind="1")
    bad_base = {**offer("person", name="李"), "base": "one"}
    no_object = 7
    extra = {**offer("person", name="李"), "colour": "red"}
    bad_time = {**offer("person", name="李"), "captured_at": "yesterday"}
    results = Tablet().push(bad_base, no_object, good, extra, bad_time)  # type: ignore[arg-type]
    assert [result["status"] for result in results] == [
        "rejected",
        "rejected",
        "created",
        "rejected",
        "rejected",
    ]
    assert results[0]["errors"][0]["field"] == "base"
    assert results[4]["errors"][0]["field"] == "captured_at"
    assert results[0]["change"] == bad_base["change"]
    assert Inbox.objects.get(change=bad_base["change"]).offered["text"]
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    ("members", "field", "code", "named"),
    [
        ({"change": "x"}, "change", "type", "修改编号"),
        ({"id": 5}, "id", "type", "记录编号"),
        ({"kind": None}, "kind", "type", "记录种类"),
        ({"base": -1}, "base", "type", "所据版本"),
        ({"base": 2**64}, "base", "type", "所据版本"),
        ({"base": 1.5}, "base", "type", "所据版本"),
        ({"set": []}, "set", "type", "填写内容"),
        ({"delete": "yes"}, "delete", "type", "是否撤销"),
        ({"captured_at": 7}, "captured_at", "type", "现场时间"),
        ({"captured_at": "yesterday"}, "captured_at", "date", "现场时间"),
        ({"position": {"lon": []}}, "position", "type", "现场位置"),
        ({"known": {"photos": [5]}}, "known", "type", "原有附件"),
        ({"colour`$.base": 1}, "colour`$.base", "unknown_field", "colour"),
    ],
)
def test_what_is_wrong_with_the_form_is_told_in_chinese(
    worker: Actor, members: dict[str, object], field: str, code: str, named: str
) -> None:
    (result,) = Tablet().push({**offer("person", name="李"), **members})
    (problem,) = result["errors"]
    assert (result["status"], problem["field"], problem["code"]) == ("rejected", field, code)
    assert named in problem["reason"]
    assert not re.search("[Ee]xpected|Object|Invalid|field|got", problem["reason"])


def test_a_number_that_no_computer_holds_is_named(worker: Actor) -> None:
    body = json.dumps({"changes": [offer("person", name="李", note=1)]}).replace('"note": 1', '"note": 1e999')
    reply = Tablet().client.post("/api/v1/sync/push", body, content_type=JSON)
    ((problem,),) = (result["errors"] for result in reply.json()["results"])
    assert (problem["field"], problem["reason"]) == ("set", "填写内容（set）：其中的数太大")


@pytest.mark.parametrize("missing", ["change", "kind", "id"])
def test_a_part_that_is_missing_is_named(worker: Actor, missing: str) -> None:
    change = offer("person", name="李")
    del change[missing]
    (result,) = Tablet().push(change)
    assert [(problem["field"], problem["code"]) for problem in result["errors"]] == [(missing, "required")]
    assert "必填" in result["errors"][0]["reason"]


def test_a_time_that_is_none_spoils_no_neighbour(worker: Actor, home: dict[str, str]) -> None:
    good = offer("person", household=home["household"], name="王", residence_kind="1")
    bad_time = {**offer("person", name="李"), "captured_at": "2026-13-01T00:00:00Z"}
    kept, stored = Tablet().push(bad_time, good)
    assert (kept["status"], kept["errors"][0]["field"]) == ("rejected", "captured_at")
    assert stored["status"] == "created"
    assert Inbox.objects.get(change=bad_time["change"]).offered["text"]


@pytest.mark.database
@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("base", str(2**63)),
        ("base", "-1"),
        ("kind", r'"per\u0000son"'),
        ("position", r'{"crs": "\u0000"}'),
        ("set", r'{"name": "\u0000\\\u0000"}'),
        ("set", r'{"na\u0000me": "李"}'),
        ("set", r'{"name": "\ud800"}'),
        ("set", '{"name": NaN}'),
        ("set", '{"name": "\udcff"}'),
        ("set", '{"name": ' + "9" * 5000 + "}"),
        ("set", '{"name": ' + "[" * 5000 + "]" * 5000 + "}"),
        ("position", '{"lon": Infinity}'),
    ],
)
def test_what_no_database_holds_spoils_no_neighbour(
    worker: Actor, home: dict[str, str], part: str, value: str
) -> None:
    good = offer("person", household=home["household"], name="王", residence_kind="1")
    bad = {**offer("person", household=home["household"], name="李"), part: "HERE"}
    body = json.dumps({"changes": [bad, good]}).replace('"HERE"', value).encode(errors="surrogateescape")
    for _ in range(2):
        response = Tablet().client.post("/api/v1/sync/push", body, content_type=JSON)
        kept, stored = response.json()["results"]
        assert (kept["change"], kept["status"]) == (bad["change"], "rejected")
        assert kept["errors"][0]["reason"]
        assert stored["status"] == "created"
    assert Inbox.objects.get(change=bad["change"]).offered
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        '{"changes": [NaN, {"change": "x}]}',
        '{"changes": [NaN, {"set": ]}}',
        '{"changes": [NaN,, {}]}',
        '{"changes": [NaN]} and more',
        '{"changes": [NaN',
        '{"changes": {"set": NaN}}',
        '["changes", [NaN]]',
        '{"change": [NaN]}',
    ],
)
def test_what_is_no_push_as_a_whole_is_refused_whole(worker: Actor, body: str) -> None:
    response = Tablet().client.post("/api/v1/sync/push", body, content_type=JSON)
    assert (response.status_code, response.json()["code"]) == (400, "malformed")
    assert not Inbox.objects.exists()


@pytest.mark.database
def test_another_content_under_a_known_id_gets_the_stored_result(worker: Actor, home: dict[str, str]) -> None:
    first = offer("person", household=home["household"], name="王", residence_kind="1")
    others = [{**first, "base": "one"}, {**first, "set": {"name": "李"}}, {**first, "id": str(uuid7())}]
    tablet = Tablet()
    (stored,) = tablet.push(first)
    for other in [*others, first]:
        (again,) = tablet.push(other)
        assert (again["change"], again["status"], again["version"]) == (first["change"], "created", 1)
        assert stored["status"] == "created"
    assert not Inbox.objects.exists()
    assert Person.objects.get().name == "王"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"changes": [{"change"', 400, "malformed"),
        (b"[]", 400, "malformed"),
        (b"", 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (b'{"changes":' + b"[" * 5000, 400, "malformed"),
        (b" " * (MAX_BODY + 1), 413, "too_large"),
        (json.dumps({"changes": [{}] * (MAX_BATCH + 1)}).encode(), 413, "too_large"),
    ],
)
def test_a_body_of_another_form_is_refused_whole(worker: Actor, body: bytes, status: int, code: str) -> None:
    response = Tablet().client.post("/api/v1/sync/push", body, content_type=JSON)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["reason"]


@pytest.mark.parametrize(
    ("packed", "status"),
    [
        (gzip.compress(b"0" * 20 * 1024 * 1024, mtime=0), 413),
        (gzip.compress(b'{"changes": []}', mtime=0)[:-9], 400),
        (gzip.compress(b'{"changes": []}', mtime=0) + b"more", 400),
        (gzip.compress(b"", mtime=0) * 1000 + gzip.compress(b'{"changes": []}', mtime=0), 400),
        (b"not gzip", 400),
    ],
)
def test_packed_bodies_are_bounded_and_whole(worker: Actor, packed: bytes, status: int) -> None:
    response = Tablet().client.post(
        "/api/v1/sync/push", packed, content_type=JSON, headers={"Content-Encoding": "gzip"}
    )
    assert response.status_code == status


def test_another_packing_is_named(worker: Actor) -> None:
    response = Tablet().client.post(
        "/api/v1/sync/push", b"{}", content_type=JSON, headers={"Content-Encoding": "br"}
    )
    assert (response.status_code, response.json()["reason"]) == (400, "请求体只能用 gzip 压缩，不能用 br")


def test_a_lost_reply_costs_nothing(worker: Actor, home: dict[str, str]) -> None:
    tablet = Tablet()
    made = offer("person", household=home["household"], name="王", residence_kind="1")
    refused = offer("person", household=str(uuid7()), name="李", residence_kind="1")
    first = tablet.push(made, refused)
    assert tablet.push(made, refused) == first
    assert Person.objects.count() == 1


def test_only_post_is_taken(worker: Actor) -> None:
    response = Tablet().client.get("/api/v1/sync/push")
    assert (response.status_code, response.json()["code"]) == (405, "method")
