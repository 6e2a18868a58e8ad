"""The line is cut at every byte of a push, its answer, a pulled page and a snapshot.

After each cut both sides are looked at, and after the line is back they must agree.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import islice

from tests.soak.cut_bytes.cuts import Cut, Cuts
from tests.soak.cut_bytes.wrong import cut_wipes, sent_is_done
from tests.soak.tally import Tally
from tests.soak.wire.proxy import CutDoor, Door, Network
from tests.soak.wire.standing import Place, Tablet, database, served
from tests.soak.wire.work import rest

COARSE = 5_000
"""More cuts than there are but for snapshots, which are cut everywhere only when more are asked for."""

_FORGETFUL = "tests.soak.sockets.forgetful:application"
_EVERY, _SAID = 13, 500

Say = Callable[[str], None]
Spoil = Callable[[str], AbstractContextManager[object]]


def prove(tried: int, seed: int, say: Say) -> Tally:
    """Cut at so many bytes; ``seed`` says with which to begin, from 1."""
    tally = Tally()
    with served("sqlite") as place:
        with _cuts(place, 0) as cuts:
            for name, at, cut in islice(cuts.every(fine=tried > COARSE), seed - 1, seed - 1 + tried):
                fault = cut(at)
                tally.tried += 1
                if fault:
                    setattr(tally, fault, getattr(tally, fault) + 1)
                    say(f"{fault}: {name} at {at}")
                if tally.tried % _SAID == 0:
                    say(f"{tally.tried} cuts, {name}")
            at_rest = rest([cuts.tablet, cuts.other], cuts.rows)
            tally.add(at_rest.tally)
            for line in at_rest.said:
                say(line)
        for crew, control in enumerate(CONTROLS, start=1):
            tally.controls += 1
            caught = _caught(place, crew, *control[1:])
            tally.controls_caught += caught
            say(f"{control[0]}: {'caught' if caught else 'NOT CAUGHT'}")
    return tally


@contextmanager
def _cuts(place: Place, crew: int) -> Iterator[Cuts]:
    """Give two tablets of a crew, both enrolled; the first one's line can be cut."""
    network = Network(place.hub.port)
    door = CutDoor(network, random.Random(crew))
    tablet = Tablet("first", crew, place.folder, door, place.town)
    other = Tablet("third", crew, place.folder, Door(network, random.Random(crew)), place.town)
    tablet.pauses = ()
    try:
        for each in (tablet, other):
            each.enrol()
        with database(place.hub.database) as rows:
            yield Cuts(tablet, door, other, rows)
    finally:
        for each in (tablet, other):
            each.close()


def _caught(
    place: Place, crew: int, entry: str, spoil: Callable[[str], AbstractContextManager[object]]
) -> bool:
    if entry:
        place.hub.stop()
        place.hub.entry = entry
        place.hub.start()
    with _cuts(place, crew) as cuts, spoil(str(cuts.tablet.memory.meta["epoch"])):
        return any(cut(at) for _, at, cut in _some(cuts.every()))


def _some(every: Iterable[tuple[str, int, Cut]]) -> Iterator[tuple[str, int, Cut]]:
    return islice(every, 0, None, _EVERY)


CONTROLS: tuple[tuple[str, str, Spoil], ...] = (
    ("a snapshot cut short wipes what it did not bring", "", cut_wipes),
    ("sent is taken for done", "", sent_is_done),
    ("answers forgotten", _FORGETFUL, nullcontext),
)
