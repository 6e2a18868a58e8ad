"""Working days: seeded with the State Council's days, editable, by the week alone beyond its years."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from governance.access.actor import HUB
from governance.access.errors import Forbidden
from governance.access.selectors import actor_for_user
from governance.audit.models import AuditEntry
from governance.rules.calendar import is_working, working_days, working_days_after
from governance.rules.calendar_services import calendar_seed, day_remove, day_save
from governance.rules.models import SpecialDay
from tests import factories


@pytest.fixture
def seeded(db: None) -> None:
    calendar_seed(actor=HUB)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 9, 28), True),
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 10), True),  # a Saturday worked for the National Day
        (date(2026, 11, 21), False),
        (date(2026, 11, 23), True),
        (date(2031, 10, 1), True),  # a Wednesday of a year not yet arranged
    ],
)
def test_days_off_and_days_worked_instead(seeded: None, day: date, working: bool) -> None:
    assert is_working(day) is working


@pytest.mark.parametrize(
    ("day", "n", "then"),
    [
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2026, 10, 3), 0, date(2026, 10, 8)),
        (date(2026, 10, 8), 0, date(2026, 10, 8)),
        (date(2026, 10, 8), -1, date(2026, 9, 30)),
        (date(2026, 11, 20), 5, date(2026, 11, 27)),
    ],
)
def test_the_nth_working_day(seeded: None, day: date, n: int, then: date) -> None:
    assert working_days_after(day, n) == then


def test_it_says_for_which_years_the_days_are_known(seeded: None) -> None:
    calendar = working_days()
    assert calendar.certain(date(2026, 12, 31))
    assert not calendar.certain(date(2031, 1, 1))


def test_what_staff_entered_stays_and_counts_at_once(seeded: None) -> None:
    system = actor_for_user(factories.user("system", "system_admin"))
    assert is_working(date(2031, 10, 2))
    for day in (date(2031, 10, 1), date(2031, 10, 2)):
        day_save(actor=system, day=SpecialDay(day=day, working=False, name="国庆节"))
    assert not is_working(date(2031, 10, 2))
    assert working_days().certain(date(2031, 5, 1))
    changed = SpecialDay.objects.get(day=date(2026, 10, 10))
    changed.working = False
    day_save(actor=system, day=changed)
    assert not is_working(date(2026, 10, 10))
    assert calendar_seed(actor=HUB) == 0
    assert not is_working(date(2026, 10, 10))
    day_remove(actor=system, day=date(2031, 10, 2))
    assert is_working(date(2031, 10, 2))
    actions = AuditEntry.objects.filter(username="system").values_list("action", flat=True)
    assert sorted(actions) == ["rules.day_remove", *["rules.day_save"] * 3]


def test_only_who_serves_the_whole_city_changes_it(seeded: None) -> None:
    leader = actor_for_user(factories.user("leader", "grid_leader"))
    with pytest.raises(Forbidden):
        day_save(actor=leader, day=SpecialDay(day=date(2027, 1, 1), name="元旦"))
    with pytest.raises(Forbidden):
        day_remove(actor=leader, day=date(2026, 10, 1))


def test_a_day_without_name_and_a_day_entered_twice_are_refused(seeded: None) -> None:
    with pytest.raises(ValidationError, match=r"不能为空|必填|不能留空"):
        day_save(actor=HUB, day=SpecialDay(day=date(2027, 1, 1), name=""))
    with pytest.raises(ValidationError, match="日期"):
        day_save(actor=HUB, day=SpecialDay(day=date(2026, 10, 1), name="国庆节"))


def test_asking_costs_one_statement_once_it_is_held(seeded: None, django_assert_num_queries) -> None:
    working_days()
    with django_assert_num_queries(1):
        assert working_days_after(date(2026, 9, 30), 200) == date(2027, 7, 13)


def test_the_page_says_what_is_not_arranged(seeded: None, client: Client) -> None:
    client.force_login(factories.user("system", "system_admin"))
    page = client.get("/admin/rules/specialday/").content.decode()
    assert "放假安排尚未录入" in page
    assert "国务院放假安排" in page
    said = client.post("/admin/rules/specialday/add/", {"day": "2027-01-01", "name": "元旦"})
    assert said.status_code == 302
    assert not is_working(date(2027, 1, 1))
    assert "这一天已在日历中" in add(client, day="2027-01-01", name="元旦")


def test_a_holiday_of_several_days_is_entered_at_once(seeded: None, client: Client) -> None:
    client.force_login(factories.user("system", "system_admin"))
    assert "至多15天" in add(client, day="2027-10-01", until="2027-10-16", name="国庆节")
    assert "至多15天" in add(client, day="2027-10-01", until="2027-09-30", name="国庆节")
    assert not SpecialDay.objects.filter(day__year=2027).exists()
    add(client, day="2027-10-05", working="on", name="调休")
    add(client, day="2027-10-01", until="2027-10-07", name="国庆节")
    held = SpecialDay.objects.filter(day__year=2027).order_by("day").values_list("day__day", "working")
    assert list(held) == [(day, day == 5) for day in range(1, 8)]
    assert is_working(date(2027, 10, 5))
    assert not is_working(date(2027, 10, 7))


def add(client: Client, **values: str) -> str:
    return client.post("/admin/rules/specialday/add/", values).content.decode()
