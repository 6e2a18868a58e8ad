"""Acts of several: what is done while a snapshot lies cut, behind a worker's back, since a copy was made."""

import random
from collections.abc import Callable, Sequence

from tests.soak.world.network import CALM, Network
from tests.soak.world.tablet import Tablet

BETWEEN = (
    *("move",) * 4,
    *("right", "collect") * 2,
    *("edit", "withdraw", "close", "post", "staff_move", "staff_withdraw"),
)
"""What may be done while a snapshot lies cut: by the worker most of the time."""


SINCE = ("edit", "edit", "collect", "task", "sync", "sync", "sync", "draft", "photo")
"""What a worker may do between a copy of his tablet's folder and its being put back."""

SKIPPED = 0.15
"""How often a step of several does not happen."""


class Breaks:
    """An act of several; ``tried`` does one by its name and says in a few words what it did."""

    def __init__(self, chance: random.Random, network: Network, tried: Callable[[str, Tablet], str]) -> None:
        self._chance = chance
        self._network = network
        self._tried = tried

    def torn(self, tablet: Tablet) -> str:
        """Ask a tablet for a snapshot; it breaks off, he works on, and perhaps only that gets out."""
        told = [self._tried("right", tablet), self._half(tablet)]
        told += [self._tried(self._chance.choice(BETWEEN), tablet) for _ in range(self._chance.randint(1, 3))]
        told.append(self._tried(self._chance.choice(("glance", "sync")), tablet))
        return "; ".join(filter(None, told))

    def clash(self, tablet: Tablet) -> str:
        """A worker and somebody at the hub change the same thing; staff decide it."""
        return self._one_by_one(("edit", "contradict", "sync", "difference"), tablet)

    def late(self, tablet: Tablet) -> str:
        """A worker's post ends before he can send; staff take what was refused."""
        begun = self._chance.choice(("edit", "edit", "collect", "collect", "task"))
        return self._one_by_one((begun, self._chance.choice(("recall", "post")), "sync", "inbox"), tablet)

    def errand(self, tablet: Tablet) -> str:
        """Staff give a task out, the worker reports of it."""
        return self._one_by_one(
            ("give", "sync", "task", self._chance.choice(("give", "sync", "task"))), tablet
        )

    def older(self, tablet: Tablet) -> str:
        """Put an older copy of a tablet's folder back; what was saved since and not sent is given up."""
        if tablet.out_of_use:
            return ""
        copy, device = tablet.copied(), tablet.session.meta["device"]
        told = self._one_by_one(self._chance.sample(SINCE, self._chance.randint(1, 4)), tablet)
        if tablet.erased or tablet.session.meta["device"] != device:
            return told
        while self._network.late:
            self._network.arrive()
        tablet.put_back(copy)
        return f"{told}; is as before"

    def _one_by_one(self, names: Sequence[str], tablet: Tablet) -> str:
        told = [self._tried(name, tablet) for name in names if self._chance.random() > SKIPPED]
        return "; ".join(filter(None, told))

    def _half(self, tablet: Tablet) -> str:
        """Sync in good weather, but for the snapshot."""
        weather, self._network.weather = self._network.weather, CALM
        self._network.tears = True
        try:
            return self._tried("sync", tablet)
        finally:
            self._network.weather, self._network.tears = weather, False
