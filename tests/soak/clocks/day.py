"""One day of two tablets whose clocks, and the hub's, are set at will."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from django.db import connection

from field_app.errors import TabletError
from field_app.store.errors import TooSoon, WrongPin
from field_app.store.keyring import delay_after
from field_app.sync.errors import SyncError
from field_app.work.session import Session
from field_app.work.times import day_text
from governance.access.services.throttle import throttle_hit
from governance.records.models import History, Person
from governance.records.rows import rows_read
from tests import factories
from tests.soak.clocks.time import DAY, Dial, by
from tests.soak.clocks.town import USERS, Town
from tests.soak.tally import Tally

STEPS = 11
_FIELDS = {"first": ("phone", "workplace"), "second": ("note",)}
_STORMY = ("", "", "", "off", "lost", "unanswered", "twice")
_SHANGHAI = timezone(timedelta(hours=8))
_CLOCK_OFF = 120.0
_MINUTE = 60


class Tablet:
    """A worker's tablet, its clock, and what he wrote."""

    def __init__(self, town: Town, user: str, chance: random.Random) -> None:
        self.town, self.user, self.chance = town, user, chance
        self.dial = Dial(town.world)
        self.calm = False
        self.wrote: dict[tuple[str, str], str] = {}
        self.made: dict[str, str] = {}
        self.session = self._start()

    def fault(self) -> str:
        """Say what befalls the next request."""
        return "" if self.calm else self.chance.choice(_STORMY)

    def _start(self) -> Session:
        return self.town.session(self.user, self.dial, self.fault)

    def restart(self) -> None:
        """End the program and start it again."""
        self.session.close()
        self.session = self._start()

    def edit(self) -> None:
        """Change a person in a field that only this worker writes."""
        desk = self.session.desk
        ids = sorted(view.id for view in desk.records.views("person"))
        form = desk.collect.form("person", id=self.chance.choice(ids))
        name = self.chance.choice(_FIELDS[self.user])
        value = f"1000{self.chance.randrange(10**7):07d}"
        form.put(name, value)
        desk.collect.save(form)
        self.wrote[form.id, name] = value

    def add(self) -> None:
        """Register somebody new."""
        desk = self.session.desk
        form = desk.collect.form("person", parent=self.town.household)
        name = f"李示{self.user}{len(self.made)}"
        for field, value in (("name", name), ("residence_kind", "1"), ("sex", "1")):
            form.put(field, value)
        self.made[desk.collect.save(form).id] = name

    def sync(self) -> bool:
        """Sync; says whether it came to its end."""
        try:
            self.session.sync()
        except SyncError:
            return False
        return True

    def days_wrong(self) -> bool:
        """Whether the tablet tells another day than the hub told, or keeps silent about a wrong clock."""
        if self.dial.heard is None:
            return False
        overview = self.session.desk.today.overview()
        now = self.town.world.truth + self.dial.heard
        told = {day_text(datetime.fromtimestamp(now - late, _SHANGHAI).date()) for late in (0, 2)}
        off = abs(self.dial.wall() - now)
        sure = abs(off - _CLOCK_OFF) > 2
        return overview.day not in told or (sure and bool(overview.clock) != (off > _CLOCK_OFF))


class Day:
    """Plays and judges."""

    def __init__(self, town: Town, seed: int) -> None:
        self.town = town
        self.chance = random.Random(seed)
        self.tally = Tally(tried=1)
        town.begin()
        self.tablets = [Tablet(town, user, self.chance) for user in USERS]
        for dial in (town.hub, *(tablet.dial for tablet in self.tablets)):
            if self.chance.random() < 0.7:
                dial.set(self.chance)

    def play(self) -> Tally:
        """Play the day, let it come to rest, and judge."""
        acts: list[Callable[[Tablet], None]] = [
            self._work,
            self._work,
            self._work,
            self._sync,
            self._sync,
            self._sync,
            self._set,
            self._set,
        ]
        acts += [self._pass, self._restart, self._start_anew, self._guess, self._staff, self._throttle]
        try:
            for _ in range(STEPS):
                self.chance.choice(acts)(self.chance.choice(self.tablets))
            self._rest()
            self._judge()
        finally:
            for tablet in self.tablets:
                tablet.session.close()
        return self.tally

    def _work(self, tablet: Tablet) -> None:
        with by(tablet.dial):
            tablet.add() if self.chance.random() < 0.3 else tablet.edit()

    def _sync(self, tablet: Tablet) -> None:
        with by(tablet.dial):
            tablet.sync()
            self._look(tablet)

    def _set(self, tablet: Tablet) -> None:
        if self.chance.random() < 0.4:
            self.town.hub.set(self.chance)
        else:
            tablet.dial.set(self.chance)
            self._look(tablet)

    def _pass(self, _: Tablet) -> None:
        self.town.world.truth += self.chance.choice((30.0, 600.0, 7_200.0, DAY))

    def _restart(self, tablet: Tablet) -> None:
        with by(tablet.dial):
            tablet.restart()
            self._look(tablet)

    def _start_anew(self, tablet: Tablet) -> None:
        with by(tablet.dial):
            tablet.session.close()
            tablet.dial.start_anew()
            tablet.session = tablet._start()
            self._look(tablet)

    def _staff(self, _: Tablet) -> None:
        with by(self.town.hub):
            id_ = self.chance.choice(self.town.people)
            person = Person.objects.get(pk=id_)
            said = str(self.chance.random())
            change = factories.change("person", id_, base=person.version, former_name=said)
            factories.apply(factories.hub_in(), change)

    def _throttle(self, _: Tablet) -> None:
        """Whoever used up his requests waits two windows at most, whatever the hub's clock did since."""
        for _again in range(2):
            with by(self.town.hub):
                waits = [throttle_hit(key="soak", limit=1, seconds=_MINUTE) for _ in range(2)]
            self.tally.stuck += max(waits) > 2 * _MINUTE
            self.town.hub.set(self.chance)

    def _guess(self, tablet: Tablet) -> None:
        """Guess the PIN, setting the clock between the guesses: no wait may become shorter."""
        tablet.session.close()
        wrong, tried_at = 0, 0.0
        for _ in range(6):
            due = tried_at + delay_after(wrong)
            with by(tablet.dial):
                try:
                    self.town.session(tablet.user, tablet.dial, tablet.fault, pin="000000").close()
                except WrongPin:
                    self.tally.corrupt += self.town.world.truth < due
                    wrong, tried_at = wrong + 1, self.town.world.truth
                except TooSoon:
                    self.tally.stuck += self.town.world.truth >= due
            tablet.dial.set(self.chance)
            self.town.world.truth += self.chance.choice((0.0, 1.0, 4.0, 30.0))
        self.town.world.truth += delay_after(wrong)
        with by(tablet.dial):
            tablet.session = tablet._start()

    def _look(self, tablet: Tablet) -> None:
        self.tally.corrupt += tablet.days_wrong()

    def _rest(self) -> None:
        """Let the weather clear and both sync; the first once more for what the second brought."""
        for tablet in (*self.tablets, self.tablets[0]):
            tablet.calm = True
            with by(tablet.dial):
                self.tally.stuck += not tablet.sync()
                self._look(tablet)

    def _judge(self) -> None:
        at_hub = {id_: row.values for id_, row in rows_read("person", _ids()).items()}
        for tablet in self.tablets:
            counts = tablet.session.desk.outbox.counts()
            self.tally.stuck += bool(counts.unsent)
            self.tally.lost += counts.refused + counts.contested
            self.tally.lost += sum(id_ not in at_hub for id_ in tablet.made)
            for (id_, name), value in tablet.wrote.items():
                self.tally.lost += at_hub.get(id_, {}).get(name) != value
            held = {view.id: dict(view.values) for view in tablet.session.desk.records.views("person")}
            self.tally.corrupt += held != {id_: dict(values) for id_, values in at_hub.items()}
        names = [values["name"] for values in at_hub.values()]
        applied = list(History.objects.values_list("record", "version"))
        self.tally.doubled += len(names) - len(set(names)) + len(applied) - len(set(applied))


def _ids() -> list[str]:
    return [str(id_) for id_ in Person.objects.filter(deleted=False).values_list("pk", flat=True)]


def day_play(town: Town, seed: int) -> Tally:
    """Play the day of a seed; gives each kind of fault once at most, so that cases are counted."""
    found = Tally(tried=1)
    try:
        found = Day(town, seed).play()
    except TabletError:
        found.stuck = 1
    connection.run_on_commit = []
    for name in ("lost", "doubled", "corrupt", "stuck"):
        setattr(found, name, int(bool(getattr(found, name))))
    return found
