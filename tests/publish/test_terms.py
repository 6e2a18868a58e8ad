"""Who may pull what: agreements, keys, purposes, limits."""

from datetime import timedelta
from io import StringIO
from typing import Any
from urllib.parse import quote

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from governance.access.actor import HUB, Actor
from governance.access.errors import Forbidden
from governance.access.models import Department
from governance.access.selectors import actor_for_user
from governance.access.services.keys import secret_digest
from governance.audit.models import AuditEntry
from governance.publish.models import Agreement, DepartmentKey
from governance.publish.services import key_issue, key_revoke
from tests import factories
from tests.publish.conftest import agree, fetch

TODAY = timezone.localdate()


@pytest.mark.parametrize(
    ("terms", "field", "reason"),
    [
        ({"fields": ("name", "shoe_size")}, "fields", "shoe_size"),
        ({"fields": ()}, "fields", "至少选择一项"),
        ({"fields": ("religion",), "legal_basis": "示例条例"}, "fields", "未经本市启用"),
        ({"fields": ("citizen_number",)}, "legal_basis", "公民身份号码"),
        ({"fields": ("note",)}, "fields", "note"),
        ({"fields": ("duplicate",)}, "fields", "duplicate"),
        ({"kind": "care_mental", "fields": ("person",)}, "kind", "不对外共享"),
        ({"kind": "event", "fields": ("title",)}, "kind", "不对外共享"),
        ({"area": "42050"}, "area", "4、6、9、12位"),
        ({"area": ""}, "area", "4、6、9、12位"),
        ({"purpose": " "}, "purpose", ""),
        ({"valid_to": TODAY - timedelta(days=1)}, "__all__", "不能早于"),
    ],
)
def test_terms_that_do_not_hold_are_refused(
    civil: Department, terms: dict[str, Any], field: str, reason: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        agree(**terms)
    assert reason in "".join(refused.value.message_dict[field])
    assert not Agreement.objects.exists()


def test_a_sensitive_item_needs_its_legal_basis(civil: Department) -> None:
    made = agree(fields=("citizen_number",), legal_basis="示例条例第一条")
    assert made.fields == ["citizen_number"]


def test_a_department_has_one_agreement_on_a_kind(civil: Department) -> None:
    agree()
    with pytest.raises(ValidationError, match="已有启用的约定"):
        agree()
    agree(enabled=False)


def test_only_who_manages_the_platform_agrees_and_issues(civil: Department) -> None:
    leader = actor_for_user(factories.user("leader", "grid_leader"))
    with pytest.raises(Forbidden):
        key_issue(actor=leader, department=civil)
    system = actor_for_user(factories.user("system", "system_admin"))
    key_issue(actor=system, department=civil)
    entry = AuditEntry.objects.get(action="publish.key_issue")
    assert (entry.username, entry.detail["department"]) == ("system", "civil")


def test_each_department_gets_its_own(key: str, worker: Actor, home: dict[str, str]) -> None:
    police = Department.objects.get(pk="police")
    theirs = key_issue(actor=HUB, department=police)[1]
    factories.person(worker, home["household"], verification="3")
    refused = fetch(theirs)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    agree(department=police, fields=("name",))
    assert [row["record"] for row in fetch(theirs).json()["changes"]] == [{"name": "王示例"}]
    assert [row["kind"] for row in fetch(theirs, "catalogue").json()["agreements"]] == ["person"]


@pytest.mark.parametrize(
    "change",
    [
        {"enabled": False},
        {"valid_from": TODAY + timedelta(days=1)},
        {
            "valid_from": timezone.localdate() - timedelta(days=9),
            "valid_to": timezone.localdate() - timedelta(days=1),
        },
    ],
    ids=["off", "not yet", "over"],
)
def test_an_agreement_that_does_not_hold_gives_nothing(key: str, change: dict[str, Any]) -> None:
    agree(agreement=Agreement.objects.get(), **change)
    assert fetch(key).status_code == 403
    assert fetch(key, "catalogue").json()["agreements"] == []


@pytest.mark.parametrize("kind", ["event", "care_mental", "task", "dragon"])
def test_kinds_without_agreement_are_closed(key: str, kind: str) -> None:
    assert fetch(key, kind).status_code == 403


def test_the_catalogue_explains_the_items(key: str) -> None:
    agree(agreement=Agreement.objects.get(), fields=("name", "sex"))
    (terms,) = fetch(key, "catalogue").json()["agreements"]
    assert (terms["kind"], terms["label"], terms["area"]) == ("person", "人员", factories.COMMUNITY)
    name, sex = terms["fields"]
    assert (name["name"], name["label"], name["length"]) == ("name", "姓名", 50)
    assert sex["codes"]["1"] == "男性"


def test_keys_are_kept_as_digests_and_note_their_use(key: str) -> None:
    held = DepartmentKey.objects.get()
    assert held.key_hash == secret_digest(key)
    assert held.last_used_at is None
    fetch(key, "catalogue")
    held.refresh_from_db()
    assert held.last_used_at is not None


@pytest.mark.parametrize("text", ["", "wrong", "密钥"])
def test_an_unknown_key_is_turned_away(key: str, text: str) -> None:
    reply = fetch(quote(text))
    assert (reply.status_code, reply.json()["code"]) == (401, "key")
    assert reply["WWW-Authenticate"] == "Key"
    assert reply["X-Epoch"]


def test_a_revoked_key_is_void_at_once(key: str) -> None:
    assert fetch(key).status_code == 200
    key_revoke(actor=HUB, key=DepartmentKey.objects.get())
    assert fetch(key).status_code == 401
    assert AuditEntry.objects.filter(action="publish.key_revoke").count() == 1


@pytest.mark.parametrize(
    "purpose",
    [None, "", "%20", "%FF%FE", "%00", quote("用途" * 101), "purpose\xe9"],
)
def test_a_purpose_is_needed(key: str, purpose: str | None) -> None:
    reply = fetch(key, purpose=purpose)
    assert (reply.status_code, reply.json()["code"]) == (400, "malformed")
    assert "X-Purpose" in reply.json()["reason"]


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "x"},
        {"cursor": "~~~"},
        {"cursor": "9" * 400},
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "-1"},
        {"limit": "²"},
        {"limit": "9" * 5000},
        {"limit": ""},
    ],
)
def test_a_bad_query_is_named(key: str, query: dict[str, str]) -> None:
    reply = fetch(key, **query)
    assert (reply.status_code, reply.json()["code"]) == (400, "malformed")
    assert reply.json()["reason"]


def test_another_method_is_refused(key: str) -> None:
    reply = factories.Client(headers={"Authorization": f"Key {key}"}).post("/api/v1/publish/person")
    assert (reply.status_code, reply.json()["code"]) == (405, "method")


def test_requests_are_counted_per_key(key: str, civil: Department, settings: Any) -> None:
    settings.PUBLISH_PER_MINUTE = 2
    other = key_issue(actor=HUB, department=civil)[1]
    replies = [fetch(key) for _ in range(5)]  # two minutes may have had their share
    refused = [reply for reply in replies if reply.status_code == 429]
    assert refused
    assert refused[0].json()["code"] == "throttled"
    assert int(refused[0]["Retry-After"]) >= 1
    assert fetch(other).status_code == 200


def test_the_commands_issue_list_and_revoke(civil: Department) -> None:
    agree()
    out = StringIO()
    call_command("key_issue", "civil", name="津贴系统", stdout=out, stderr=StringIO())
    key = out.getvalue().strip()
    assert fetch(key).status_code == 200
    listed = StringIO()
    call_command("key_revoke", stdout=listed)
    assert "津贴系统" in listed.getvalue()
    call_command("key_revoke", DepartmentKey.objects.get().pk, stdout=StringIO())
    assert fetch(key).status_code == 401
    with pytest.raises(CommandError, match="没有代码"):
        call_command("key_issue", "nobody")
    with pytest.raises(CommandError, match="没有编号"):
        call_command("key_revoke", 999)
