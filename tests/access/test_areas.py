"""Rights on divisions and grids."""

import pytest

from governance.access.actor import HUB
from governance.access.errors import Forbidden
from governance.access.models import DivisionUserRight, GridGroupRight
from governance.access.selectors import actor_for_user, scope_of
from governance.access.services.areas import area_grant, area_revoke
from tests.access.conftest import EAST, OTHER_COMMUNITY, OTHER_COUNTY, WEST


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "covered"),
    [
        ("420500", {WEST, EAST, OTHER_COMMUNITY, OTHER_COUNTY}),
        ("420502", {WEST, EAST, OTHER_COMMUNITY}),
        ("420502001", {WEST, EAST, OTHER_COMMUNITY}),
        ("420502001001", {WEST, EAST}),
    ],
)
def test_a_division_counts_with_all_below_it(city, code, covered):
    user = city.account("staff", "community_staff")
    area_grant(actor=HUB, holder=user, area=city.division(code))
    scope = scope_of(user)
    assert {grid for grid in city.grids if scope.covers(grid)} == covered


@pytest.mark.django_db
def test_grids_groups_and_divisions_add_up(city):
    user = city.account("clerk", "intake_clerk")
    area_grant(actor=HUB, holder=user, area=city.grid(WEST))
    area_grant(actor=HUB, holder=city.group("intake_clerk"), area=city.grid(OTHER_COUNTY))
    area_grant(actor=HUB, holder=city.group("intake_clerk"), area=city.division("420502001002"))
    scope = scope_of(user)
    assert (scope.grids, scope.prefixes) == ({WEST, OTHER_COUNTY}, ("420502001002",))
    assert scope_of(city.account("other", "dispatcher")).empty


@pytest.mark.django_db
def test_rights_lie_in_tables_of_their_own_and_guardian_knows_them(city):
    user = city.account("clerk", "intake_clerk")
    area_grant(actor=HUB, holder=user, area=city.division("420502"))
    area_grant(actor=HUB, holder=user, area=city.division("420502"))
    area_grant(actor=HUB, holder=city.group("intake_clerk"), area=city.grid(WEST))
    assert DivisionUserRight.objects.get().user == user
    assert GridGroupRight.objects.get().content_object_id == WEST
    assert user.has_perm("serve_area", city.division("420502"))
    assert user.has_perm("gridmap.serve_area", city.grid(WEST))
    assert not user.has_perm("serve_area", city.division("420503"))


@pytest.mark.django_db
def test_taken_back(city):
    user = city.account("clerk", "intake_clerk")
    for holder in (user, city.group("intake_clerk")):
        area_grant(actor=HUB, holder=holder, area=city.division("420502"))
    area_revoke(actor=HUB, holder=user, area=city.division("420502"))
    assert scope_of(user).prefixes == ("420502",)
    for _ in range(2):
        area_revoke(actor=HUB, holder=city.group("intake_clerk"), area=city.division("420502"))
    assert scope_of(user).empty


@pytest.mark.django_db
def test_only_who_manages_accounts_grants(city):
    user = city.account("clerk", "intake_clerk")
    for role in ("grid_leader", "system_admin", "audit_admin", "commander"):
        actor = actor_for_user(city.account(role, role))
        for service in (area_grant, area_revoke):
            with pytest.raises(Forbidden):
                service(actor=actor, holder=user, area=city.grid(WEST))
    area_grant(
        actor=actor_for_user(city.account("security", "security_admin")), holder=user, area=city.grid(WEST)
    )
    assert scope_of(user).covers(WEST)
