"""One schedule: by chance who does what when, until everything is at rest."""

import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError

from field_app.errors import TabletError
from field_app.sync import engine
from field_app.sync.errors import DeviceLimit, SyncError
from field_app.sync.transport import Request
from field_app.work.errors import Locked, NotFound, Refused
from governance.access.actor import HUB
from governance.access.models import Device, Post
from governance.access.services.devices import device_revoke
from governance.access.services.posts import post_assign, post_end
from governance.contract import CITY, Change
from governance.feed.selectors import heads
from tests import factories
from tests.soak.world import forms, plug
from tests.soak.world.doorstep import Doorstep
from tests.soak.world.fixed import ids_fix
from tests.soak.world.model import Answer, Model, Row
from tests.soak.world.network import CALM, STORMY, Network
from tests.soak.world.tablet import OFFERED_AGAIN, Tablet, scratch, unpack
from tests.soak.world.town import CITY_WIDE, Town, day, device_known, wire, written
from tests.soak.world.verdict import Faults, Hub, verdict

ROUNDS = 10
"""Syncs of each tablet within which everything must have come to rest."""

SMALL = 4
"""In each schedule of so many, pages and pushes hold but two or three changes."""

FOLLOWED = 10
"""In each schedule of so many the rooms that make tasks and flags join in."""

SURE = 4
"""In each schedule of so many everyone syncs at the end until nothing moves any more."""

MEANWHILE = 0.2
LOST = 0.3

WEIGHTS: Mapping[str, int] = {
    "collect": 12, "edit": 16, "sync": 26, "move": 3, "close": 2, "withdraw": 2, "repair": 4, "restart": 3,
    "late": 4, "staff_edit": 8, "staff_move": 4, "staff_close": 1, "staff_withdraw": 1, "post": 3,
    "revoke": 1, "hub_restart": 1, "backup": 3, "restore": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """What kind of schedule is played.

    Parameters
    ----------
    weights : mapping
        How often each act comes.
    steps : tuple of int
        Fewest and most acts.
    weather : sequence of str
        What befalls requests.
    crashes : float
        Chance that an act's commits are cut.
    """

    weights: Mapping[str, int] = field(default_factory=lambda: WEIGHTS)
    steps: tuple[int, int] = (12, 26)
    weather: Sequence[str] = STORMY
    crashes: float = 0.06


RESTORES = Kind(weights={**WEIGHTS, "backup": 8, "restore": 5, "post": 1, "staff_move": 1})
"""Schedules in which the hub is restored again and again."""

UNANSWERED = Kind(weights={"edit": 30, "collect": 8, "sync": 26, "restart": 4}, weather=("", "unanswered"))
"""Schedules in which half the answers are lost and the worker edits on."""

CRASHES = Kind(crashes=0.6)
"""Schedules in which the tablets' programs die all the time."""


class Schedule:
    """The town put back, and what happens in it; ``say`` hears of every step."""

    def __init__(self, town: Town, seed: int, kind: Kind, say: Callable[[str], None] | None = None) -> None:
        self.town = town
        self.kind = kind
        self.say = say
        self.chance = random.Random(seed)
        self.model = town.model.copy()
        self.backup: tuple[Any, Model] | None = None
        self.days = 1
        self.erased = False
        self.sure = seed % SURE == 2
        town.hub.put_back(town.hub.people)
        town.hub.following = seed % FOLLOWED == 0
        ids_fix(seed + 1)
        few = seed % SMALL == 1
        vars(engine)["PAGE"], vars(engine)["MOST"] = (3, 2) if few else (500, 100)
        OFFERED_AGAIN.clear()
        self.network = Network(town.hub, self.chance, self._judge)
        town.hub.meanwhile = self._meanwhile
        town.hub.wrote = self._hub_wrote
        self.door = Doorstep(self.chance, lambda: self.model)
        self.folder = scratch()
        self.tablets = []
        for user, files in list(town.tablets.items())[: 2 if seed % 3 else 3]:
            unpack(files, self.folder / user)
            self.tablets.append(Tablet(user, self.folder / user, self.network))

    def play(self) -> Faults:
        """Play to the end and judge."""
        try:
            self.network.weather = self.kind.weather
            names, weights = zip(*self.kind.weights.items(), strict=True)
            for _ in range(self.chance.randint(*self.kind.steps)):
                self._step(self.chance.choices(names, weights)[0])
            return self._rest()
        finally:
            for tablet in self.tablets:
                tablet.close()
            shutil.rmtree(self.folder)

    def _step(self, name: str) -> None:
        tablet = self.chance.choice(self.tablets)
        if self.chance.random() < self.kind.crashes:
            plug.TABLET.arm(self.chance.randint(1, 4), behind=self.chance.random() < 0.5)
        told: list[str] = []
        act = getattr(self, f"_{name}", None) or getattr(self.door, name)
        try:
            tablet.do(lambda: told.append(act(tablet)))
        except (Refused, NotFound, Locked) as error:
            told.append(f"refused on the tablet: {error}")
        if self.say:
            self.say(f"{tablet.user} {name}: {told[0] if told else 'the tablet died'}")

    # -- tablets --------------------------------------------------------------------------------

    def _sync(self, tablet: Tablet) -> str:
        try:
            if tablet.out_of_use:
                self._enrol(tablet)
            report = tablet.session.sync()
        except SyncError as error:
            return f"{type(error).__name__} {error}"
        return f"{dict(report.pushed)}, {report.pulled} pulled"

    def _enrol(self, tablet: Tablet) -> None:
        """Enrol anew, in good weather; a tablet that the restored hub still counts is taken out of use."""
        self.network.weather = CALM
        self.erased = self.erased or tablet.erased
        try:
            tablet.enrol()
        except DeviceLimit:
            self._revoke(tablet)
            tablet.enrol()
        finally:
            self.network.weather = self.kind.weather
        device_known(self.model, tablet)

    def _restart(self, tablet: Tablet) -> str:
        tablet.restart()
        return "restarts"

    # -- hub ------------------------------------------------------------------------------------

    def _late(self, _: Tablet) -> str:
        self.network.arrive()
        return "a delayed request arrives"

    def _staff_edit(self, _: Tablet) -> str:
        row = self._some(lambda row: row.open and row.kind.name in forms.REQUIRED)
        if row is None:
            return ""
        name = self.chance.choice(forms.edited(row.kind.name))
        by = self.chance.choice(("hub", "worker", "worker", "market", "health"))
        return self._write(by, row, {name: self.door.text()})

    def _staff_move(self, _: Tablet) -> str:
        row = self._some(lambda row: row.open and row.kind.name == "household")
        room = self._some(lambda row: row.open and row.kind.name == "room")
        return self._write("worker", row, {"room": room.id}) if row and room else ""

    def _staff_close(self, _: Tablet) -> str:
        row = self._some(lambda row: row.open and row.kind.name in ("person", "organisation", "household"))
        if row is None:
            return ""
        reason = factories.close_reason(row.kind.name)
        return self._write("hub", row, {"closed_on": "2026-01-31", "closed_reason": reason})

    def _staff_withdraw(self, _: Tablet) -> str:
        row = self._some(lambda row: row.open and row.kind.name in forms.REQUIRED)
        return self._write("worker", row, {}, delete=True) if row else ""

    def _some(self, fits: Callable[[Row], bool]) -> Row | None:
        rows = [row for row in self.model.rows.values() if fits(row)]
        return self.chance.choice(rows) if rows else None

    def _write(self, by: str, row: Row, values: dict[str, str], *, delete: bool = False) -> str:
        change = factories.change(row.kind.name, row.id, base=row.version, **values)
        change.delete = delete
        self.network.wrong += written(self.model, self.town.staff[by], [change])
        return f"{by} sets {values or 'withdrawn'} of {row.kind.name} {row.id[-4:]}"

    def _post(self, tablet: Tablet) -> str:
        """End one of a worker's posts if he has others, or let him stand in somewhere."""
        user = self.town.users[tablet.user]
        mine = self.model.posts[user]
        grids = sorted(self.model.boxes)
        self.days += 1
        if len(mine) > 1 and self.chance.random() < 0.6:
            grid = self.chance.choice(sorted(mine))
            post = Post.objects.get(worker=user, grid=grid, ends_on=None)
            post_end(actor=HUB, post=post, ends_on=day(self.days))
            mine.discard(grid)
            return f"no longer serves {grid}"
        if len(mine) == len(grids):
            return ""
        grid = self.chance.choice([code for code in grids if code not in mine])
        worker = Device.objects.filter(worker=user)[0].worker
        post_assign(actor=HUB, worker=worker, grid=grid, starts_on=day(self.days), kind="stand_in")
        mine.add(grid)
        return f"stands in on {grid}"

    def _revoke(self, tablet: Tablet) -> str:
        """Take a worker's tablets out of use: retired they may still hand in work, lost ones may not."""
        user, lost = self.town.users[tablet.user], self.chance.random() < LOST
        found = Device.objects.filter(worker=user, revoked_at=None)
        for device in found if not lost else Device.objects.filter(worker=user):
            device_revoke(actor=HUB, device=device, lost=lost)
        if lost:
            self.model.devices = {key: each for key, each in self.model.devices.items() if each[0] != user}
        return f"is {'lost' if lost else 'retired'}"

    def _hub_restart(self, _: Tablet) -> str:
        self.town.hub.restart()
        return "the hub restarts"

    def _backup(self, _: Tablet) -> str:
        self.backup = self.town.hub.backup(), self.model.copy()
        return "the hub is backed up"

    def _restore(self, _: Tablet) -> str:
        """Restore the hub; not once a tablet was wiped, as what that one brought would be lost for good."""
        if self.backup is None or self.erased or any(tablet.erased for tablet in self.tablets):
            return ""
        copy, model = self.backup
        self.town.hub.restore(copy)
        self.model = model.copy()
        return "the hub is restored"

    def _meanwhile(self) -> None:
        """Somebody at the hub writes while it reads for a tablet."""
        if self.chance.random() < MEANWHILE:
            with plug.HUB.spared():
                told = self._staff_edit(self.tablets[0])
            if self.say:
                self.say(f"meanwhile {told}")

    def _hub_wrote(self, changes: Sequence[Change]) -> None:
        """The hub's own rooms wrote something."""
        self.model.push(CITY_WIDE, map(wire, changes))

    def _judge(self, request: Request, changes: Sequence[Mapping[str, Any]]) -> list[Answer] | None:
        who = self.model.who(request.token)
        return None if who is None else self.model.push(who, changes)

    # -- rest -----------------------------------------------------------------------------------

    def _rest(self) -> Faults:
        """Let the weather clear and everyone sync until nothing changes any more; then judge."""
        plug.TABLET.disarm()
        self.network.weather = CALM
        self.town.hub.meanwhile = lambda: None
        while self.network.late:
            self.network.arrive()
        failed = self._settle()
        held = Hub()
        tablets = {self.town.users[tablet.user]: tablet for tablet in self.tablets}
        faults = verdict(held, self.model, tablets, self.network.acknowledged)
        faults.corrupt += self.network.wrong
        faults.stuck += failed
        return faults

    def _settle(self) -> list[str]:
        """Sync while somebody's streams hold what he has not seen; in some schedules until nothing moves."""
        seen: dict[str, Mapping[str, int]] = {}
        for _ in range(ROUNDS):
            moved = 0
            for tablet in self.tablets:
                if not self.sure and seen.get(tablet.user) == self._heads(tablet):
                    continue
                if tablet.out_of_use:
                    self._enrol(tablet)
                    self.network.weather = CALM
                try:
                    report = tablet.session.sync()
                except SyncError as error:
                    moved += 1
                    if not tablet.out_of_use:
                        return [f"{tablet.user}: {type(error).__name__} {error}"]
                    continue
                seen[tablet.user] = self._heads(tablet)
                moved += report.pulled + sum(report.pushed.values())
            if not moved:
                return []
        return ["no rest"]

    def _heads(self, tablet: Tablet) -> Mapping[str, int]:
        """Give the last numbers of a tablet's streams."""
        return heads([CITY, *self.model.posts[self.town.users[tablet.user]]])


def played(town: Town, seed: int, kind: Kind, say: Callable[[str], None] | None = None) -> Faults:
    """Play one schedule; a program's own error is a fault of its own."""
    schedule = Schedule(town, seed, kind, say)
    try:
        return schedule.play()
    except (
        TabletError,
        DatabaseError,
        ArithmeticError,
        AttributeError,
        LookupError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:
        return Faults(corrupt=[f"{type(error).__name__}: {error}"])
