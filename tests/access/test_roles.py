"""The truth table: role by action; the separation of administrators."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from governance.access.abilities import ABILITIES
from governance.access.actor import CARE_KINDS, HUB
from governance.access.departments import DEPARTMENTS
from governance.access.errors import Forbidden, NotPossible
from governance.access.models import Department, Post
from governance.access.policy import (
    check_can,
    check_read,
    check_read_kind,
    check_reveal,
    check_write,
    may,
    may_read,
    may_reveal,
    may_write,
)
from governance.access.roles import ROLES
from governance.access.selectors import actor_for_user
from governance.access.services.accounts import account_create, account_rights_set, account_roles_set
from governance.access.services.areas import area_grant
from governance.access.services.devices import device_authenticate, device_enrol
from governance.access.services.posts import post_assign
from governance.access.services.roles import roles_sync
from governance.contract import Owner
from tests import kept
from tests.access.conftest import DAY, OTHER_COUNTY, PASSWORD, WEST

ACTIONS = {
    "read person": lambda actor, grid: may_read(actor, "person", grid),
    "write person": lambda actor, grid: may_write(actor, "person", grid),
    "reveal person": lambda actor, grid: may_reveal(actor, "person", grid),
    "read building": lambda actor, grid: may_read(actor, "building", grid),
    "write building": lambda actor, grid: may_write(actor, "building", grid),
    "read mental": lambda actor, grid: may_read(actor, "care_mental", grid),
    "write mental": lambda actor, grid: may_write(actor, "care_mental", grid),
    "read hardship": lambda actor, grid: may_read(actor, "care_hardship", grid),
    **{name: (lambda actor, grid, name=name: may(actor, name, grid)) for name in ABILITIES},
}
BASE = "read person, read building, write person, write building, reveal person"
WORK = f"{BASE}, read mental, write mental, read hardship"
COLLECT = f"{WORK}, read_records, write_records, reveal_values"
TABLE = {
    "device": COLLECT,
    "grid_worker": COLLECT,
    "grid_leader": f"carry_bundles, {COLLECT}, settle_differences, plan_tasks",
    "community_staff": f"carry_bundles, {BASE}, read hardship, read_records, write_records, "
    "reveal_values, settle_differences, import_data, export_data, plan_tasks, admit_items, place_alarms",
    "station_staff": "read building, handle_cases",
    "volunteer": "read building, help_out",
    "intake_clerk": "carry_bundles, read building, take_events, place_alarms",
    "dispatcher": "read building, take_events, dispatch_events, plan_tasks, place_alarms",
    "commander": "read person, read building, read_records, command_events, dispatch_events, plan_tasks, "
    "place_alarms",
    "department": "read building, pull_published, offer_data, handle_events, define_items",
    "superuser": ", ".join(ACTIONS),
    "hub": ", ".join(ACTIONS),
}
EVERYWHERE = {"hub", "superuser"}
ADMINISTRATORS = {
    "system_admin": "manage_system",
    "security_admin": "manage_accounts",
    "audit_admin": "read_audit",
}


@pytest.fixture
def actor_as(city, care_rights, request_from):
    roles_sync()

    def make(who):
        if who == "hub":
            return HUB
        if who == "superuser":
            user = city.account(who, "commander")
            user.is_superuser = True
            user.save()
        elif who == "device":
            city.worker()
            done = device_enrol(request=request_from(), username="worker", password=PASSWORD, name="平板")
            return device_authenticate(done.token, purpose="入户走访")[1]
        elif who == "grid_worker":
            user = city.worker()
        else:
            department = Department.objects.get(code="police") if who == "department" else None
            user = city.account(who, who, department=department)
            if who not in ADMINISTRATORS:
                area_grant(actor=HUB, holder=user, area=city.division("420502001"))
        return actor_for_user(user, "入户走访")

    return make


@pytest.mark.django_db
@pytest.mark.parametrize("who", TABLE)
def test_who_may_do_what_and_where(actor_as, who):
    actor = actor_as(who)
    allowed = set(TABLE[who].split(", "))
    assert {name for name, action in ACTIONS.items() if action(actor, WEST)} == allowed
    elsewhere = {name for name, action in ACTIONS.items() if action(actor, OTHER_COUNTY)}
    assert elsewhere == (allowed if who in EVERYWHERE else set())


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "ability"), ADMINISTRATORS.items())
def test_an_administrator_does_his_own_work_and_sees_no_one(actor_as, role, ability):
    actor = actor_as(role)
    assert {name for name in ABILITIES if may(actor, name)} == {ability}
    assert actor.scope.empty
    assert not any(actor.may_read(kind) for kind in ("person", "household", *CARE_KINDS))
    assert not any(action(actor, WEST) for action in ACTIONS.values())


@pytest.mark.django_db
def test_every_role_is_in_the_table():
    assert ROLES.keys() == TABLE.keys() - {"device", "superuser", "hub"} | ADMINISTRATORS.keys()


@pytest.mark.django_db
def test_a_refusal_says_why(actor_as):
    clerk = actor_as("intake_clerk")
    with pytest.raises(Forbidden, match="严重精神障碍"):
        check_read_kind(clerk, "care_mental")
    with pytest.raises(Forbidden, match="登记“人"):
        check_write(clerk, "person", WEST)
    with pytest.raises(Forbidden, match="查看“人"):
        check_read(clerk, "person", WEST)
    with pytest.raises(Forbidden, match=f"网格{OTHER_COUNTY}不在"):
        check_read(clerk, "building", OTHER_COUNTY)
    with pytest.raises(Forbidden, match="完整信息"):
        check_reveal(clerk, "building", WEST)
    with pytest.raises(Forbidden, match="没有此项权限"):
        check_can(clerk, "export_data")
    worker = actor_as("grid_worker").for_purpose(" ")
    with pytest.raises(Forbidden, match="目的"):
        check_reveal(worker, "person", WEST)


@pytest.mark.django_db
@pytest.mark.parametrize("other", ["security_admin", "audit_admin", "community_staff"])
def test_a_separated_administrator_holds_no_second_role(city, other):
    with pytest.raises(NotPossible, match="三员分立"):
        city.account("both", "system_admin", other)
    user = city.account("one", "system_admin")
    with pytest.raises(NotPossible, match="三员分立"):
        account_roles_set(actor=HUB, user=user, roles=["system_admin", other])


@pytest.mark.django_db
def test_an_administrator_gets_no_area_no_post_and_no_care_right(city, care_rights):
    user = city.account("one", "audit_admin")
    with pytest.raises(NotPossible, match="三员分立"):
        area_grant(actor=HUB, holder=user, area=city.division("420502"))
    with pytest.raises(NotPossible, match="三员分立"):
        area_grant(actor=HUB, holder=city.group("audit_admin"), area=city.division("420502"))
    with pytest.raises(NotPossible, match="三员分立"):
        post_assign(actor=HUB, worker=user, grid=WEST, starts_on=DAY)
    with pytest.raises(NotPossible, match="三员分立"):
        account_rights_set(actor=HUB, user=user, kinds=["care_mental"])


@pytest.mark.django_db
def test_an_administrator_serves_no_area_even_if_the_database_says_so(city, care_rights):
    roles_sync()
    user = city.account("one", "system_admin")
    Post.objects.create(worker=user, grid=WEST, starts_on=DAY)
    user.user_permissions.add(Permission.objects.get(codename="see_care_mental"))
    actor = actor_for_user(user)
    assert actor.scope.empty
    assert not any(actor.may_read(kind) for kind in ("person", "care_mental"))


@pytest.mark.django_db
def test_who_serves_an_area_becomes_no_administrator(city):
    with pytest.raises(NotPossible, match="岗位或区域"):
        account_roles_set(actor=HUB, user=city.worker(), roles=["audit_admin"])
    user = city.account("leader", "grid_leader")
    area_grant(actor=HUB, holder=user, area=city.grid(WEST))
    with pytest.raises(NotPossible, match="岗位或区域"):
        account_roles_set(actor=HUB, user=user, roles=["audit_admin"])


@pytest.mark.django_db
def test_only_the_security_administrator_manages_accounts(city):
    administrator = city.account("security", "security_admin")
    security = actor_for_user(administrator)
    made = account_create(actor=security, username="new", password=PASSWORD, roles=["commander"])
    assert made.must_change_password
    assert made.is_staff
    for role in ROLES.keys() - {"security_admin", "department"}:
        actor = actor_for_user(city.account(f"as_{role}", role))
        with pytest.raises(Forbidden):
            account_create(actor=actor, username="x", password=PASSWORD, roles=["commander"])
    with pytest.raises(NotPossible, match="自己"):
        account_roles_set(
            actor=security, user=made.__class__.objects.get(username="security"), roles=["commander"]
        )


@pytest.mark.django_db
def test_the_department_is_the_source_of_what_its_account_writes(city):
    police = city.account("police", "department", department=Department.objects.get(code="police"))
    assert actor_for_user(police).source == Owner.POLICE
    assert actor_for_user(city.account("staff", "community_staff")).source == Owner.WORKER
    with pytest.raises(NotPossible, match="部门"):
        city.account("nowhere", "department")


@pytest.mark.django_db
def test_a_right_of_its_own_adds_to_the_roles(city, care_rights):
    user = city.account("staff", "community_staff")
    account_rights_set(actor=HUB, user=user, kinds=["care_mental"])
    assert actor_for_user(user).may_read("care_mental")
    account_rights_set(actor=HUB, user=user, kinds=[])
    assert not actor_for_user(user).may_read("care_mental")


@pytest.mark.django_db
def test_synchronising_follows_the_table_and_may_be_repeated(city, capsys):
    group = city.group("audit_admin")
    held = set(group.permissions.values_list("codename", flat=True))
    assert {"read_audit", "view_auditentry"} <= held
    group.permissions.add(Permission.objects.get(codename="manage_system"))
    group.permissions.remove(Permission.objects.get(codename="read_audit"))
    call_command("roles_sync")
    assert "授予1项，收回1项" in capsys.readouterr().out
    assert set(group.permissions.values_list("codename", flat=True)) == held
    again = roles_sync()
    assert (again.created, again.granted, again.withdrawn) == (0, 0, 0)


@pytest.mark.django_db
def test_there_are_32_departments_and_every_department_of_the_contract_is_one(city):
    assert Department.objects.count() == len(DEPARTMENTS) == 32
    ours = {Owner.WORKER, Owner.RESIDENT, Owner.HUB}
    assert set(Owner) - ours <= set(Department.objects.values_list("code", flat=True))


def test_what_tests_keep_of_the_roles_is_what_is_put_in(db: None) -> None:
    def standing() -> tuple[set[object], list[object]]:
        label = "permissions__content_type__app_label"
        granted = Group.objects.values_list("name", label, "permissions__codename")
        return set(granted), list(Department.objects.order_by("code").values())

    kept.roles()
    copied = standing()
    Group.objects.all().delete()
    Department.objects.all().delete()
    roles_sync()
    assert copied == standing()
