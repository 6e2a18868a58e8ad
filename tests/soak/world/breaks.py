"""Snapshots that break off, and what is done before they go on."""

import random
from collections.abc import Callable

from tests.soak.world.network import CALM, Network
from tests.soak.world.tablet import Tablet

BETWEEN = (
    *("move",) * 4,
    *("right", "collect") * 2,
    *("edit", "withdraw", "close", "post", "staff_move", "staff_withdraw"),
)
"""What may be done while a snapshot lies cut: by the worker most of the time."""


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

    def _half(self, tablet: Tablet) -> str:
        """Sync in good weather, but for the snapshot."""
        weather, self._network.weather = self._network.weather, CALM
        self._network.tears = True
        try:
            return self._tried("sync", tablet)
        finally:
            self._network.weather, self._network.tears = weather, False
