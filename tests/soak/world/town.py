"""The town that every schedule begins with: on each of three grids a worker, tablet and home; one in care."""

import gc
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import Group

from governance.access.actor import CARE_KINDS, HUB, Actor
from governance.access.models import Device, Post, User
from governance.access.scope import Scope
from governance.access.services.accounts import account_rights_set
from governance.contract import KINDS, Change, Result
from governance.records.codes import lists_forget
from governance.records.services.apply import changes_apply
from governance.records.services.follow_map import grids_follow_map
from governance.records.services.lists import codelists_load
from tests import factories
from tests.soak.world import forms
from tests.soak.world.fixed import ids_fix
from tests.soak.world.hub import Hub
from tests.soak.world.model import Model, codes_of
from tests.soak.world.network import Network
from tests.soak.world.strips import Box, Strips
from tests.soak.world.tablet import Folder, Tablet, scratch
from tests.soak.world.terms import Answer, Who, Wire

GRIDS = tuple(f"{factories.COMMUNITY}{number:03d}" for number in (1, 2, 3))
SIDE = 0.01
BOXES: dict[str, Box] = {
    code: (
        round(factories.WEST + place * SIDE, 6),
        factories.SOUTH,
        round(factories.WEST + (place + 1) * SIDE, 6),
        factories.SOUTH + SIDE,
    )
    for place, code in enumerate(GRIDS)
}
USERS = ("first", "second", "third")
CODES = 4
CHOSEN = ("task", "visit")
"""Kinds of which hub and tablet fill in codes by themselves."""

CITY_WIDE = Who(None, None, "hub", None, by_hub=True)


def day(number: int) -> date:
    """Give a day long past; posts begin and end on such days."""
    return date(2020, 1, 1) + timedelta(days=number)


@dataclass
class Staff:
    """A writer at the hub: the same person for the hub and for the model."""

    actor: Actor
    who: Who


def people() -> None:
    """Fill the hub: lists, grids, accounts, posts; the second worker also stands in on the first grid."""
    _codes()
    for place, code in enumerate(GRIDS):
        factories.grid(code, shift=place)
    workers = [
        factories.worker(USERS[0], GRIDS[0]),
        factories.worker(USERS[1], GRIDS[1], GRIDS[0]),
        factories.worker(USERS[2], GRIDS[2]),
    ]
    _rights_of_their_own(workers)
    factories.user("clerk", "community_staff")
    Post.objects.update(starts_on=day(0))


def _rights_of_their_own(workers: Iterable[User]) -> None:
    """Let each worker have the right to every care register by himself, and none by his role."""
    role = Group.objects.get(name="grid_worker")
    role.permissions.remove(*role.permissions.filter(codename__startswith="see_care_"))
    for worker in workers:
        account_rights_set(actor=HUB, user=worker, kinds=CARE_KINDS)


def written(model: Model, by: Staff, changes: Sequence[Change]) -> list[str]:
    """Apply changes at the hub and in the model; give where the two differ."""
    results = changes_apply(actor=by.actor, changes=changes, action="staff")
    expected = model.push(by.who, map(wire, changes))
    return [f"staff: {told}, expected {answer}" for told, answer in differing(results, expected)]


def differing(results: Sequence[Result], expected: Sequence[Answer]) -> Iterable[tuple[Result, Answer]]:
    """Give the pairs that do not say the same."""
    for told, answer in zip(results, expected, strict=True):
        errors = [problem.as_json() for problem in told.errors]
        if Answer(told.status.value, told.version, codes_of(errors)) != answer:
            yield told, answer


def wire(change: Change) -> Wire:
    """Give what the model needs of a change."""
    names = ("change", "kind", "id", "base", "set", "delete")
    return {name: getattr(change, name) for name in names}


@dataclass
class Town:
    """What is put back at the beginning of every schedule."""

    hub: Hub
    model: Model
    tablets: dict[str, Folder]
    users: dict[str, int]
    staff: dict[str, Staff]


def town_make() -> Town:
    """Make hub and tablets once, and keep them as they are when everyone has synced for the first time."""
    ids_fix(0)
    hub = Hub(people)
    model = Model(Strips(BOXES))
    users = dict(User.objects.values_list("username", "pk"))
    for worker, grid in Post.objects.values_list("worker_id", "grid"):
        model.posts.setdefault(worker, set()).add(grid)
    staff = _staff(users["clerk"])
    for code in GRIDS:
        assert not written(model, staff["hub"], _home(code))
    tablets = {}
    network = Network(hub, Random(0), lambda request, changes: model.push(CITY_WIDE, changes))
    for user in USERS:
        tablet = Tablet(user, scratch(), network)
        tablet.enrol()
        device_known(model, tablet)
        tablet.session.sync()
        tablets[user] = tablet.pack()
    grids_follow_map()
    hub.people = hub.backup()
    gc.collect()
    gc.freeze()
    return Town(hub, model, tablets, users, staff)


def device_known(model: Model, tablet: Tablet) -> None:
    """Tell the model of a tablet that has just enrolled."""
    device = UUID(str(tablet.session.meta["device"]))
    worker = Device.objects.get(pk=device).worker_id
    model.devices[str(tablet.session.meta["token"])] = (worker, str(device))
    model.owners[str(device)] = worker


def _codes() -> None:
    """Load the code lists that the schedules use, cut short: every tablet reads them at every start.

    Those of tasks and visits stay whole, as hub and tablet choose from them by themselves.
    """
    folder = scratch()
    used = _used()
    chosen = {field.codes for kind in CHOSEN for field in KINDS[kind].fields}
    kept: Counter[str] = Counter()
    for file in ("lists.csv", "codes.csv"):
        with (settings.FIXTURES / "codes" / file).open(encoding="utf-8") as whole:
            lines = [whole.readline()]
            for line in whole:
                name = line.partition(",")[0]
                kept[f"{file} {name}"] += 1
                short = kept[f"{file} {name}"] <= CODES
                lines += [line] if name in used and (short or name in chosen) else []
        (folder / file).write_text("".join(lines), encoding="utf-8")
    lists_forget()
    codelists_load(actor=HUB, folder=folder)
    shutil.rmtree(folder)


def _used() -> set[str]:
    """Name the code lists of the fields that people fill in here, and of those filled in for them."""
    by_hand = {kind: {"closed_reason", *fields} for kind, fields in forms.REQUIRED.items()}
    found = {"crs"}
    for name, kind in KINDS.items():
        fields = kind.by_name.keys() if name in CHOSEN else by_hand.get(name, set()) | forms.DERIVED
        found |= {codes for field in kind.fields if field.name in fields and (codes := field.codes)}
    return found


def _staff(clerk: int) -> dict[str, Staff]:
    worker = Actor(
        user_id=clerk,
        username="clerk",
        device_id=None,
        source="worker",
        scope=Scope((), (factories.COMMUNITY,)),  # type: ignore[arg-type]
        rights=CARE_KINDS,
    )
    found = {"hub": Staff(HUB, CITY_WIDE)}
    for name in ("worker", "market", "health"):
        found[name] = Staff(replace(worker, source=name), Who(clerk, None, name, None))
    return found


def _home(code: str) -> list[Change]:
    lon, lat = Strips(BOXES).middle(code)
    building = factories.change("building", name="1号楼", lon=lon, lat=lat, crs="4490")
    room = factories.change("room", building=str(building.id), number="101")
    household = factories.change("household", room=str(room.id), head_name="王示例")
    person: dict[str, Any] = {"household": str(household.id), "name": "王示例", "residence_kind": "1"}
    home = [building, room, household, factories.change("person", **person)]
    cared = str(home[-1].id)
    care = [
        factories.change("care_mental", person=cared),
        factories.change("care_hardship", person=cared, category=forms.code("hardship_kind")),
    ]
    return [*home, *care] if code == GRIDS[0] else home
