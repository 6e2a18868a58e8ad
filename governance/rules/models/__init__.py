"""Tables of this room."""

from governance.rules.models.calendar import SpecialDay
from governance.rules.models.life_events import YEAR, Condition, LifeEvent, Priority
from governance.rules.models.rules import Rule, RuleVersion, VersionState

__all__ = [
    "YEAR",
    "Condition",
    "LifeEvent",
    "Priority",
    "Rule",
    "RuleVersion",
    "SpecialDay",
    "VersionState",
]
