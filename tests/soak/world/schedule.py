"""One schedule: by chance who does what when, until everything is at rest."""

import random
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, cast

from django.db import DatabaseError

from field_app.errors import TabletError
from field_app.sync import engine
from field_app.sync.errors import DeviceLimit, Lost, SyncError
from field_app.sync.transport import Request
from field_app.work.errors import Locked, NotFound, Refused
from governance.access.actor import Actor
from governance.contract import CITY, Change, Result
from governance.feed.selectors import heads
from governance.records.services.follow_map import grids_follow_map
from tests.soak.world import plug
from tests.soak.world.breaks import Breaks
from tests.soak.world.desk import Desk
from tests.soak.world.doorstep import Doorstep
from tests.soak.world.errands import Errands
from tests.soak.world.fixed import ids_fix
from tests.soak.world.hub import Listener, Offers
from tests.soak.world.kinds import Kind
from tests.soak.world.model import Model
from tests.soak.world.network import CALM, Network
from tests.soak.world.office import Office
from tests.soak.world.tablet import OFFERED_AGAIN, Tablet, scratch, unpack
from tests.soak.world.terms import Answer, Who
from tests.soak.world.town import Town, device_known, wire
from tests.soak.world.verdict import Faults, Hub, photos_judge, verdict

ROUNDS = 10
"""Syncs of each tablet within which everything must have come to rest."""

FOLLOWED = 20
"""In each schedule of so many the rooms that make tasks and flags join in."""

_AT_WORK = (
    *("edit", "edit", "edit", "collect", "draft", "withdraw"),
    *("repair", "close", "move", "photo", "task", "lock"),
)

SURE = 8
"""In each schedule of so many everyone syncs at the end until nothing moves any more."""

LONG = 10
"""Each schedule of so many is long; the others are short, as most faults need but few acts."""


class Schedule(Listener):
    """The town put back, and what happens in it; ``say`` hears of every step."""

    def __init__(self, town: Town, seed: int, kind: Kind, say: Callable[[str], None] | None = None) -> None:
        self.town = town
        self.kind = kind
        self.say = say
        self.chance = random.Random(seed)
        self.model = town.model.copy()
        self.backup: tuple[Any, Model] | None = None
        self.erased = False
        self.sure = seed % SURE == 2
        self.busy = bool(kind.busy) and seed % kind.busy == 0
        town.hub.put_back(town.hub.people)
        town.hub.following = seed % FOLLOWED == 0
        ids_fix(seed + 1)
        few = seed % kind.small == 1 % kind.small
        vars(engine)["PAGE"], vars(engine)["MOST"] = (kind.page, 2) if few else (500, 100)
        OFFERED_AGAIN.clear()
        self.network = Network(town.hub, self.chance, self._judge)
        town.hub.listener = self
        self.folder = scratch()
        self.door = Doorstep(self.chance, lambda: self.model)
        self.office = Office(town, self.chance, lambda: self.model, self.door.text)
        self.errands = Errands(self.chance, lambda: self.model, self.door.text, self.folder)
        self.desk = Desk(town, self.chance, lambda: self.model)
        self.desk.network = self.network
        self.office.network = self.errands.network = self.network
        self.errands.shared = self._shared
        self.breaks = Breaks(self.chance, self.network, self._tried)
        self.resting = False
        self.long = seed % LONG == 0
        self.tablets = []
        for user, files in list(town.tablets.items())[: 2 if seed % 3 else 3]:
            unpack(files, self.folder / user)
            self.tablets.append(Tablet(user, self.folder / user, self.network))

    def play(self) -> Faults:
        """Play to the end and judge."""
        try:
            self.network.weather = self.kind.weather
            names, weights = zip(*self.kind.weights.items(), strict=True)
            for _ in range(self.chance.randint(*(self.kind.more if self.long else self.kind.steps))):
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
        tablet.do(lambda: told.append(self._tried(name, tablet)))
        tablet.unlock()
        if self.say:
            self.say(f"{tablet.user} {name}: {told[0] if told else 'the tablet died'}")

    def _tried(self, name: str, tablet: Tablet) -> str:
        try:
            return self._act(name)(tablet)
        except (Refused, NotFound, Locked) as error:
            return f"refused on the tablet: {error}"

    def _act(self, name: str) -> Callable[[Tablet], str]:
        owners = (self.door, name), (self.office, name), (self.desk, name), (self.breaks, name)
        for owner, called in ((self, f"_{name}"), *owners):
            if (act := getattr(owner, called, None)) is not None:
                return cast(Callable[[Tablet], str], act)
        return cast(Callable[[Tablet], str], getattr(self.errands, name))

    # -- tablets --------------------------------------------------------------------------------

    def _sync(self, tablet: Tablet) -> str:
        try:
            if tablet.out_of_use:
                self._enrol(tablet)
            with self._shared(tablet):
                report = tablet.session.sync()
        except SyncError as error:
            self.erased = self.erased or isinstance(error, Lost)
            return f"{type(error).__name__} {error}"
        return f"{dict(report.pushed)}, {report.pulled} pulled"

    @contextmanager
    def _shared(self, tablet: Tablet) -> Iterator[None]:
        busy = self.busy and tablet.session.state == "open"
        try:
            with tablet.shared(lambda: self._at_work(tablet)) if busy else nullcontext():
                yield
        except TabletError:
            tablet.unlock()
            raise
        tablet.unlock()

    def _at_work(self, tablet: Tablet) -> None:
        """Let the worker do something while his tablet syncs, writes a bundle or takes a receipt in."""
        if not self.busy or tablet.session.state != "open" or self.chance.random() >= self.kind.at_work:
            return
        self.busy = False
        try:
            told = self._tried(self.chance.choice(_AT_WORK), tablet)
        finally:
            self.busy = True
        if self.say:
            self.say(f"meanwhile {tablet.user} {told}")

    def _enrol(self, tablet: Tablet) -> None:
        """Enrol anew, in good weather; a tablet that the restored hub still counts is taken out of use."""
        self.network.weather = CALM
        self.erased = self.erased or tablet.erased
        try:
            with tablet.noting(lambda: not tablet.out_of_use, lambda: device_known(self.model, tablet)):
                try:
                    tablet.enrol()
                except DeviceLimit:
                    self.office.revoke(tablet)
                    tablet.enrol()
        finally:
            self.network.weather = self.kind.weather

    def _relay(self, tablet: Tablet) -> str:
        """One registers something; whoever serves the grid too edits it at once, and syncs or not."""
        saved = len(tablet.saved)
        told = self.door.collect(tablet)
        if len(tablet.saved) == saved:
            return ""
        told += f"; {self._sync(tablet)}"
        id_ = tablet.saved[-1][0]
        for other in self.tablets:
            view = other.memory.view(id_) if other is not tablet and self._sync(other) else None
            if view is not None:
                told += f"; {other.user} {self.door.change(other, view.kind, id_)}"
                told += f"; {self._sync(other)}" if self.chance.random() < 0.5 else ""
        return told

    def _lock(self, tablet: Tablet) -> str:
        """Lock until this act, or what is under way, has ended."""
        tablet.session.lock()
        return "locks"

    def _restart(self, tablet: Tablet) -> str:
        tablet.restart()
        return "restarts"

    # -- hub ------------------------------------------------------------------------------------

    def _arrival(self, _: Tablet) -> str:
        self.network.arrive()
        return "a delayed request arrives"

    def _hub_restart(self, _: Tablet) -> str:
        self.town.hub.restart()
        return "the hub restarts"

    def _backup(self, _: Tablet) -> str:
        self.backup = self.town.hub.backup(), self.model.copy()
        return "the hub is backed up"

    def _restore(self, _: Tablet) -> str:
        """Restore the hub; not once a tablet was wiped, reported lost or put back to an older copy.

        Of what such a one had brought the hub would get nothing, or not all, back.
        """
        if self.backup is None or self.erased or any(each.erased or each.older for each in self.tablets):
            return ""
        copy, model = self.backup
        self.town.hub.restore(copy)
        self.model = model.copy()
        return "the hub is restored"

    # -- what the hub tells ---------------------------------------------------------------------

    def meanwhile(self) -> None:
        """Somebody at the hub writes while it reads for a tablet."""
        if not self.resting and self.chance.random() < self.kind.meanwhile:
            with plug.HUB.spared():
                told = self.office.staff_edit()
            if self.say:
                self.say(f"meanwhile {told}")

    def wrote(self, actor: Actor, changes: Sequence[Change]) -> None:
        """The hub's own rooms wrote something."""
        who = Who(actor.user_id, actor.device_key, actor.source, None, by_hub=True)
        self.model.push(who, map(wire, changes))

    def handed_over(self) -> None:
        """Posts at closed grids were passed on."""
        self.model.hand_over()

    def followed(self, ids: Sequence[str]) -> None:
        """Records of closed grids went elsewhere."""
        self.model.follow(ids)

    def bundled(self, device: str, user: int | None, offers: Offers, results: Sequence[Result]) -> None:
        """What a bundle brought was applied."""
        self.errands.bundled(device, user, offers, results)

    def _judge(self, request: Request, changes: Sequence[Mapping[str, Any]]) -> list[Answer] | None:
        who = self.model.who(request.token)
        return None if who is None else self.model.push(who, changes)

    # -- rest -----------------------------------------------------------------------------------

    def _rest(self) -> Faults:
        """Let the weather clear and everyone sync until nothing changes any more; then judge."""
        plug.TABLET.disarm()
        self.network.weather = CALM
        self.resting = True
        for tablet in self.tablets:
            for draft in tablet.session.desk.collect.drafts() if tablet.session.state == "open" else ():
                self.door.finish(tablet, draft)
        while self.network.late:
            self.network.arrive()
        if self.model.map.closed:
            grids_follow_map()
        failed = self._settle()
        held = Hub()
        tablets = {self.town.users[tablet.user]: tablet for tablet in self.tablets}
        faults = verdict(held, self.model, tablets, self.network.acknowledged)
        photos_judge(faults, held, self.errands.photos)
        faults.corrupt += self.network.wrong + self.door.wrong
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
