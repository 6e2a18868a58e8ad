"""Tables of this room."""

from governance.tasks.models.cases import Case, CaseStep, Paper, ProxyService
from governance.tasks.models.centres import Station, StationPost, Team, TeamMember
from governance.tasks.models.scan import DayScan
from governance.tasks.models.task import Task, Visit

__all__ = [
    "Case",
    "CaseStep",
    "DayScan",
    "Paper",
    "ProxyService",
    "Station",
    "StationPost",
    "Task",
    "Team",
    "TeamMember",
    "Visit",
]
