"""An item in the console: written down by its department, let in by the community's gatekeeper."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from guardian.shortcuts import assign_perm

from governance.access.actor import Actor
from governance.access.models import Department, DivisionUserRight, User
from governance.access.models.area import SERVE
from governance.tasks.models import Admission, Target, Task, WorkItem
from gridmap.models import Division
from tests import factories
from tests.factories import COMMUNITY
from tests.publish.test_items import FIRST, SECOND, STRANGER, TERMS, key, people, today, worker

__all__ = ["key", "people", "today", "worker"]

ITEMS, ADMISSIONS = "/admin/tasks/workitem/", "/admin/tasks/admission/"
FORM: dict[str, Any] = {
    **TERMS,
    "asks": ["person.phone", "photo"],
    "subject_kind": "person",
    "priority": "1",
    "chosen": "list",
    "rows_text": f"甲,{FIRST},王甲\n乙,{SECOND}\n丙,{STRANGER}",
    "hand_in": "on",
}


def browser(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


@pytest.fixture
def department(civil: Department, key: str) -> Client:
    """A browser of the civil affairs department, which has its agreement."""
    return browser(factories.user("civil", "department", department=civil))


def staff(name: str, area: str = COMMUNITY, role: str = "community_staff") -> Client:
    made = factories.user(name, role)
    assign_perm(f"gridmap.{SERVE}", made, Division.objects.get(code=area))
    assert DivisionUserRight.objects.filter(user=made).exists()
    return browser(made)


def text(reply: HttpResponse) -> str:
    assert reply.status_code == 200
    return reply.content.decode()


def test_written_down_handed_in_let_in(department: Client, people: list[str], worker: Actor) -> None:
    assert department.get(ITEMS + "add/").status_code == 200
    reply = department.post(ITEMS + "add/", FORM, follow=True)
    assert "待派2行" in text(reply)
    shown = text(reply)
    assert "查无此人1行" in shown
    assert "等1个社区（村）准入" in shown
    item = WorkItem.objects.get()
    assert (item.state, item.asks, item.department_id) == ("submitted", "person.phone photo", "civil")

    keeper = staff("keeper")
    assert item.title in text(keeper.get(ADMISSIONS))
    admission = Admission.objects.get()
    page = f"{ADMISSIONS}{admission.pk}/change/"
    shown = text(keeper.get(page))
    assert "本社区对象2个" in shown
    assert "其余需上门1户" in shown
    assert "人员：联系方式、拍照" in shown
    assert "名单" in shown
    assert f" {COMMUNITY}" not in shown
    assert "已准入，任务随即派到平板" in text(keeper.post(page, {"answer": "own"}, follow=True))
    keeper.post("/admin/purpose/", {"purpose": "日常服务"})
    listed = text(keeper.get("/admin/tasks/task/"))
    assert f"民政局 {TERMS['ref']}" in listed
    assert "civil:" not in listed
    assert set(Task.objects.values_list("asks", flat=True)) == {"person.phone photo"}
    admission.refresh_from_db()
    assert (admission.state, admission.decided_by.username) == ("approved", "keeper")

    followed = text(department.get(f"{ITEMS}{item.pk}/change/"))
    assert "已派任务：2" in followed
    assert "已准入" in followed
    assert department.post(f"{ITEMS}{item.pk}/change/", {"taken_back": "口径调整"}).status_code == 302
    item.refresh_from_db()
    assert item.state == "withdrawn"
    assert set(Task.objects.values_list("state", flat=True)) == {"withdrawn"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_a_list_comes_as_a_file_too(department: Client, people: list[str], encoding: str) -> None:
    rows = f"部门行标识,公民身份号码,姓名\n1,{FIRST},王甲\n".encode(encoding)
    sent = {**FORM, "rows_text": "", "rows_file": SimpleUploadedFile("名单.csv", rows), "hand_in": ""}
    assert department.post(ITEMS + "add/", sent).status_code == 302
    assert list(Target.objects.values_list("key", "state")) == [("1", "waiting")]
    odd = {**sent, "rows_file": SimpleUploadedFile("名单.xlsx", b"PK\x03\x04\x00\xff\x01")}
    item = WorkItem.objects.get()
    assert "另存为 CSV" in text(department.post(f"{ITEMS}{item.pk}/change/", odd))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"due_on": "2026-11-01"}, "已经过去"),
        ({"area": "420503"}, "超出约定的范围"),
        ({"asks": ["person.birth_date"]}, "选项"),
        ({"rows_text": "甲,1"}, "没有可办理的对象"),
        ({"rows_text": f"甲,{FIRST}\n甲,{SECOND}"}, "“甲”各有几行，内容不同"),
    ],
)
def test_what_is_wrong_is_told_in_the_form(
    department: Client, people: list[str], change: dict[str, Any], reason: str
) -> None:
    assert reason in text(department.post(ITEMS + "add/", FORM | change))
    assert not WorkItem.objects.exists()


def test_a_refusal_needs_a_reason(department: Client, people: list[str]) -> None:
    department.post(ITEMS + "add/", FORM)
    keeper, page = staff("keeper"), f"{ADMISSIONS}{Admission.objects.get().pk}/change/"
    assert "不予准入时必填" in text(keeper.post(page, {"answer": "refuse"}))
    told = keeper.post(page, {"answer": "refuse", "reason": "刚核对过"}, follow=True)
    assert "理由已告知部门" in text(told)
    assert set(Target.objects.exclude(subject="").values_list("state", flat=True)) == {"refused"}


def test_targets_are_chosen_by_plain_conditions(
    department: Client, civil: Department, people: list[str], worker: Actor
) -> None:
    agreement = civil.agreements.get()
    agreement.fields = [*agreement.fields, "birth_date", "residence_kind"]
    agreement.save()
    alone = factories.person(worker, factories.home(worker)["household"], birth_date="1940-01-01")
    by = {**FORM, "chosen": "condition", "rows_text": "", "hand_in": ""}
    assert "至少填写一个条件" in text(department.post(ITEMS + "add/", by))
    by |= {"age_from": "80", "alone": "on", "residences": ["1"]}
    assert "不收名单" in text(department.post(ITEMS + "add/", {**by, "rows_text": f"甲,{FIRST}"}))
    assert department.post(ITEMS + "add/", by).status_code == 302
    item = WorkItem.objects.get()
    page = f"{ITEMS}{item.pk}/change/"
    assert 'value="80"' in text(department.get(page))
    assert department.post(page, {**by, "hand_in": "on"}).status_code == 302
    assert list(Target.objects.values_list("subject", flat=True)) == [alone]
    assert "80周岁" in text(department.get(page))
    assert "80周岁" in text(staff("keeper").get(f"{ADMISSIONS}{Admission.objects.get().pk}/change/"))


def test_each_role_sees_its_own(department: Client, people: list[str]) -> None:
    department.post(ITEMS + "add/", FORM)
    item, admission = WorkItem.objects.get(), Admission.objects.get()
    item_page, page = f"{ITEMS}{item.pk}/change/", f"{ADMISSIONS}{admission.pk}/change/"
    factories.grid("420502002001001", shift=3)
    elsewhere = staff("elsewhere", "420502002001")
    assert item.title not in text(elsewhere.get(ADMISSIONS))
    assert item.title not in text(elsewhere.get(ITEMS))
    assert elsewhere.get(page).status_code in (302, 404)
    leader = staff("leader", role="grid_leader")
    assert leader.get(ADMISSIONS).status_code == 403
    assert leader.get(item_page).status_code == 200
    assert leader.post(item_page, {"taken_back": "x"}).status_code == 403
    health = browser(factories.user("health", "department", department=Department.objects.get(pk="health")))
    assert item.title not in text(health.get(ITEMS))
    assert health.get(page).status_code == 403
    assert browser(factories.user("system", "system_admin")).get(ITEMS).status_code == 403
    assert browser(factories.user("keeper2", "community_staff")).get(page).status_code in (302, 404)


def test_a_merged_item_is_due_with_the_planned_visit(
    department: Client, people: list[str], worker: Actor
) -> None:
    department.post(ITEMS + "add/", FORM | {"ref": "一"})
    keeper = staff("keeper")
    first = Admission.objects.get()
    keeper.post(f"{ADMISSIONS}{first.pk}/change/", {"answer": "own"})
    Task.objects.update(due_on="2026-12-05")
    department.post(ITEMS + "add/", FORM | {"ref": "二", "asks": ["person.workplace", "signature"]})
    second = Admission.objects.exclude(pk=first.pk).get()
    page = f"{ADMISSIONS}{second.pk}/change/"
    assert "其中1户在期限内已有走访安排" in text(keeper.get(page))
    keeper.post(page, {"answer": "merge"})
    due = Task.objects.filter(origin_ref=str(second.item_id)).values_list("due_on", flat=True)
    assert {str(day) for day in due} == {"2026-12-05"}
