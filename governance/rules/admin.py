"""Rules and the working-day calendar in the console (规则管理)."""

from governance.rules.calendar_admin import SpecialDayAdmin
from governance.rules.desk.admin import RuleAdmin

__all__ = ["RuleAdmin", "SpecialDayAdmin"]
