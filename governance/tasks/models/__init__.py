"""Tables of this room."""

from governance.tasks.models.alarms import (
    Alarm,
    AlarmKey,
    AlarmSource,
    AlarmState,
    CallDevice,
    Makes,
    SourceKind,
)
from governance.tasks.models.cases import Case, CaseStep, Paper, ProxyService
from governance.tasks.models.centres import HelpTurn, Station, StationPost, Team, TeamMember
from governance.tasks.models.items import (
    ANSWERED,
    NOBODY,
    Admission,
    AdmissionState,
    Chosen,
    ItemState,
    Target,
    TargetState,
    WorkItem,
)
from governance.tasks.models.oversight import OversightRule, Question, VisitFact
from governance.tasks.models.plans import Escalation, PlanLevel, PlanRun
from governance.tasks.models.scan import DayScan
from governance.tasks.models.task import Task, Visit

__all__ = [
    "ANSWERED",
    "NOBODY",
    "Admission",
    "AdmissionState",
    "Alarm",
    "AlarmKey",
    "AlarmSource",
    "AlarmState",
    "CallDevice",
    "Case",
    "CaseStep",
    "Chosen",
    "DayScan",
    "Escalation",
    "HelpTurn",
    "ItemState",
    "Makes",
    "OversightRule",
    "Paper",
    "PlanLevel",
    "PlanRun",
    "ProxyService",
    "Question",
    "SourceKind",
    "Station",
    "StationPost",
    "Target",
    "TargetState",
    "Task",
    "Team",
    "TeamMember",
    "Visit",
    "VisitFact",
    "WorkItem",
]
