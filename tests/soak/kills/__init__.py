"""Web workers and the task worker are killed, PostgreSQL is stopped at once, while tablets sync.

Afterwards nothing that was acknowledged is missing, nothing came twice, and the audit's chains hold.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from tests import postgres
from tests.soak.kills.processes import Processes
from tests.soak.storage.pins import quick_pins
from tests.soak.storage.place import scratch
from tests.soak.tally import Tally
from tests.soak.wire.proxy import Door, Network
from tests.soak.wire.standing import ROLES, Rows, Tablet, Town, database, fill
from tests.soak.wire.work import Rest, act, rest, sync

A_SPELL = 10
"""Kills between two looks at everything."""

_LONGEST = 0.4
_BREATH, _AWAY = 0.02, 0.2
"""Seconds between two looks, and until a hub that is away is asked again."""

_PATIENCE = 20.0
_ENOUGH = 12
_HASTY = "tests.soak.kills.hasty:application"

Say = Callable[[str], None]


def prove(tried: int, seed: int, say: Say) -> Tally:
    """Kill so many times; each seed chooses what is killed and when."""
    tally = Tally()
    with scratch() as folder, ExitStack() as stack:
        stack.enter_context(quick_pins())
        # What is committed is in the system's hands; the machine itself stays up.
        server = stack.enter_context(postgres.serving(synchronous_commit="on"))
        hub = Processes(folder, server)
        town = fill(hub)
        stack.callback(hub.stop)
        hub.start()
        numbers = range(seed, seed + tried)
        with _scene(hub, town, 0) as scene:
            for start in range(0, tried, A_SPELL):
                found = scene.spell(numbers[start : start + A_SPELL])
                tally.add(found.tally)
                say(f"{tally.tried} kills: {dict(scene.killed)}, {scene.synced} syncs came to their end")
                if found.said:
                    say("\n".join(found.said[:10]))
                    break
        hub.manage("audit_verify")
        hub.stop()
        hub.entry = _HASTY
        hub.start()
        tally.controls += 1
        with _scene(hub, town, 1) as scene:
            starts = range(seed, seed + _ENOUGH, _ENOUGH // 3)
            caught = any(scene.spell(range(start, start + _ENOUGH // 3)).said for start in starts)
        tally.controls_caught += caught
        say(f"answered before it is committed: {'caught' if caught else 'NOT CAUGHT'}")
    return tally


@dataclass
class _Scene:
    """Tablets at work on a hub whose processes die."""

    hub: Processes
    tablets: Sequence[Tablet]
    rows: Callable[[], Rows]
    killed: dict[str, int] = field(default_factory=dict)
    synced: int = 0

    def spell(self, numbers: Sequence[int]) -> Rest:
        """Kill so many times under load, then let everything come to rest and look."""
        over = threading.Event()
        threads = [
            threading.Thread(target=self._work, args=(tablet, random.Random(numbers[0] + place), over))
            for place, tablet in enumerate(self.tablets)
        ]
        for thread in threads:
            thread.start()
        try:
            for number in numbers:
                chance = random.Random(number)
                self._underway()
                time.sleep(chance.random() * _LONGEST)
                what = self.hub.strike(chance)
                self.killed[what] = self.killed.get(what, 0) + 1
        finally:
            over.set()
            for thread in threads:
                thread.join()
        self.hub.ready()
        found = rest(self.tablets, self.rows())
        found.tally.tried = len(numbers)
        return found

    def _underway(self) -> None:
        """Wait until a sync has come to its end since the last kill: the hub is up and has work."""
        before, end = self.synced, time.monotonic() + _PATIENCE
        while self.synced == before and time.monotonic() < end:
            time.sleep(_BREATH)

    def _work(self, tablet: Tablet, chance: random.Random, over: threading.Event) -> None:
        """Collect and sync until it is over; a hub that is away is asked again after a while."""
        while not over.is_set():
            act(tablet, chance)
            if sync(tablet):
                self.synced += 1
            else:
                over.wait(_AWAY)


@contextmanager
def _scene(hub: Processes, town: Town, crew: int) -> Iterator[_Scene]:
    network = Network(hub.port)
    tablets: list[Tablet] = []
    with ExitStack() as stack:
        for role in ROLES:
            tablets.append(Tablet(role, crew, hub.home, Door(network, random.Random(crew)), town))
            stack.callback(tablets[-1].close)
            tablets[-1].enrol()

        def rows() -> Rows:
            return stack.enter_context(database(hub.database))

        yield _Scene(hub, tablets, rows)
