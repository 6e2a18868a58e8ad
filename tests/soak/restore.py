"""The hub restored from old backups under its tablets (恢复旧备份): they bring back what it lost, once."""

from collections.abc import Callable

from tests.soak.tally import Tally
from tests.soak.world.kinds import RESTORES
from tests.soak.world.plays import schedules_play, tries_until_caught
from tests.soak.world.wrong.tablet_side import epoch_ignored, not_sent_again, sent_again_renamed

_CONTROL_TRIES = 200


def prove(tried: int, seed: int, say: Callable[[str], None]) -> Tally:
    """Play schedules with backups and restores: twice over, with tablets enrolled since, pushes in flight."""
    tally = schedules_play(tried, seed, RESTORES, say)
    for control in (epoch_ignored, not_sent_again, sent_again_renamed):
        tally.controls += 1
        tally.controls_caught += tries_until_caught(control, 1, RESTORES, _CONTROL_TRIES) is not None
    return tally
