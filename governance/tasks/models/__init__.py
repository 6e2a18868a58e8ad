"""Tables of this room."""

from governance.tasks.models.scan import DayScan
from governance.tasks.models.task import Task, Visit

__all__ = ["DayScan", "Task", "Visit"]
