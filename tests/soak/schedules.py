"""Random schedules from one seed (随机日程): people, tablets and a bad network; at rest all is well."""

from collections.abc import Callable

from tests.soak.tally import Tally
from tests.soak.world.kinds import ORDINARY, THOROUGH
from tests.soak.world.plays import schedules_play, tries_until_caught
from tests.soak.world.wrong.hub_side import no_change_id
from tests.soak.world.wrong.tablet_side import scope_not_left

_CONTROL_TRIES = 200


def prove(tried: int, seed: int, say: Callable[[str], None]) -> Tally:
    """Play schedules from a seed; the controls are two of the mutants."""
    tally = schedules_play(tried, seed, ORDINARY, say)
    for control in (no_change_id, scope_not_left):
        tally.controls += 1
        tally.controls_caught += tries_until_caught(control, 1, THOROUGH, _CONTROL_TRIES) is not None
    return tally
