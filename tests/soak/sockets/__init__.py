"""Tablets and a hub of its own process over real sockets, and a line that loses, doubles and reorders.

Three workers on two grids collect, edit and sync, each through a door of its own in a proxy. Now and
then the line is good: then everything must be in its place.
"""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from tests.soak.sockets.wrong import fresh_ids
from tests.soak.tally import Tally
from tests.soak.wire.proxy import CALM, STORM, Door, Network
from tests.soak.wire.standing import ROLES, Place, Rows, Tablet, database, served
from tests.soak.wire.work import Rest, act, rest, sync

A_SPELL = 100
"""Cases between two looks at everything."""

_BLOCK, _ON_POSTGRES = 400, 300
_ENOUGH = 120
_MOST_SAID = 12
_FORGETFUL = "tests.soak.sockets.forgetful:application"

Say = Callable[[str], None]


def prove(tried: int, seed: int, say: Say) -> Tally:
    """Sync so many times through the storm: each case is somebody's piece of work and a sync."""
    tally = Tally()
    numbers = range(seed, seed + tried)
    for kind in ("sqlite", "postgres"):
        mine = [number for number in numbers if (number % _BLOCK >= _ON_POSTGRES) == (kind == "postgres")]
        if mine:
            with served(kind) as place:
                tally.add(_storms(place, mine, say))
                if kind == "sqlite":
                    tally.add(_controls(place, seed, say))
    if not tally.controls:
        with served("sqlite") as place:
            tally.add(_controls(place, seed, say))
    return tally


def _storms(place: Place, numbers: Sequence[int], say: Say) -> Tally:
    """Live through the cases, spell by spell; the tablets live on."""
    tally = Tally()
    with _tablets(place, 0) as tablets, database(place.hub.database) as rows:
        for start in range(0, len(numbers), A_SPELL):
            spell = numbers[start : start + A_SPELL]
            found = _spell(tablets, spell, rows)
            tally.add(found.tally)
            say(f"{start + len(spell)} of {len(numbers)} on {place.hub.database.split(':')[0]}")
            if found.said:
                say(f"seeds {spell[0]} to {spell[-1]}:\n" + "\n".join(found.said[:_MOST_SAID]))
                break
        say(f"{sum(tablets[0].door.network.fates.values())} requests: {dict(tablets[0].door.network.fates)}")
    place.hub.manage("audit_verify")
    return tally


@contextmanager
def _tablets(place: Place, crew: int) -> Iterator[list[Tablet]]:
    network = Network(place.hub.port)
    tablets = []
    try:
        for role in ROLES:
            tablets.append(Tablet(role, crew, place.folder, Door(network, random.Random(crew)), place.town))
            tablets[-1].enrol()
        yield tablets
    finally:
        for tablet in tablets:
            tablet.close()


def _spell(tablets: Sequence[Tablet], numbers: Sequence[int], rows: Rows) -> Rest:
    """Let the tablets take the cases side by side, then look at everything."""
    shares = [numbers[place :: len(tablets)] for place in range(len(tablets))]
    threads = [
        threading.Thread(target=_work, args=(tablet, share))
        for tablet, share in zip(tablets, shares, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = rest(tablets, rows)
    found.tally.tried = len(numbers)
    return found


def _work(tablet: Tablet, numbers: Sequence[int]) -> None:
    tablet.door.weather = STORM
    for number in numbers:
        chance = tablet.door.chance = random.Random(number)
        act(tablet, chance)
        sync(tablet)
        if chance.random() < 0.05:
            tablet.restart()
    tablet.door.weather = CALM


def _controls(place: Place, seed: int, say: Say) -> Tally:
    """Known-wrong tablets, then a known-wrong hub, at the same hub's data."""
    tally = Tally()
    for crew, (title, entry, spoil) in enumerate(CONTROLS, start=1):
        tally.controls += 1
        if entry:
            place.hub.stop()
            place.hub.entry = entry
            place.hub.start()
        with spoil():
            caught = _caught(place, crew, seed)
        tally.controls_caught += caught
        say(f"{title}: {'caught' if caught else 'NOT CAUGHT'}")
    return tally


def _caught(place: Place, crew: int, seed: int) -> bool:
    with _tablets(place, crew) as tablets, database(place.hub.database) as rows:
        for start in range(seed, seed + _ENOUGH, 30):
            if _spell(tablets, range(start, start + 30), rows).said:
                return True
    return False


CONTROLS: tuple[tuple[str, str, Callable[[], AbstractContextManager[object]]], ...] = (
    ("a new change id at each try", "", fresh_ids),
    ("answers forgotten", _FORGETFUL, nullcontext),
)
