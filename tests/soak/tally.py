"""What one proof found."""

from dataclasses import dataclass, fields


@dataclass
class Tally:
    """Counts of one proof; all but ``tried`` and the controls are faults.

    Parameters
    ----------
    tried : int
        Cases that ran.
    lost, doubled, corrupt, stuck : int
        Cases in which something was lost, came twice, was damaged or differs between two holders, or
        did not come to rest.
    controls_caught, controls : int
        Known-wrong variants that the proof told apart from the right one, and all that it ran.
    """

    tried: int = 0
    lost: int = 0
    doubled: int = 0
    corrupt: int = 0
    stuck: int = 0
    controls_caught: int = 0
    controls: int = 0

    @property
    def good(self) -> bool:
        """Whether there was no fault, at least one case, and every control was caught."""
        faults = self.lost or self.doubled or self.corrupt or self.stuck
        return not faults and self.tried > 0 and 0 < self.controls == self.controls_caught

    def add(self, other: "Tally") -> None:
        """Add another tally to this one."""
        for item in fields(self):
            setattr(self, item.name, getattr(self, item.name) + getattr(other, item.name))
