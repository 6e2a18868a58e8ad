"""Tables of this room."""

from governance.rules.models.calendar import SpecialDay
from governance.rules.models.rules import Rule, RuleVersion, VersionState

__all__ = ["Rule", "RuleVersion", "SpecialDay", "VersionState"]
