"""Which role may do what (角色权限表): the one table that ``manage.py roles_sync`` puts into groups.

A permission is written ``app.codename``; ``*`` stands for any letters. What no installed room
defines is left out and granted by a later run.
"""

from dataclasses import dataclass

from governance.access.abilities import ABILITIES
from governance.access.actor import CARE_RIGHTS, SEPARATED


@dataclass(frozen=True, slots=True)
class Role:
    """A role (角色): its group's name, what people call it, its permissions, whether it opens the console."""

    name: str
    label: str
    permissions: tuple[str, ...]
    console: bool = True


def _can(*names: str) -> tuple[str, ...]:
    unknown = set(names) - ABILITIES.keys()
    if unknown:
        raise ValueError(f"unknown abilities {sorted(unknown)}")
    return tuple(f"access.{name}" for name in names)


def _care(*names: str) -> tuple[str, ...]:
    """Name the right of each care register, and the pages that show it."""
    found = []
    for name in names:
        model = name.replace("_", "")
        found += [CARE_RIGHTS[name], *_pages("view add change", "records", model)]
    return tuple(found)


def _pages(verbs: str, app: str, *models: str) -> tuple[str, ...]:
    return tuple(f"{app}.{verb}_{model}" for verb in verbs.split() for model in models)


_BASE = ("person", "household", "building", "room", "thing", "organisation")
_SEE = (
    *_pages("view", "records", *_BASE),
    *_pages("view", "events", "*"),
    *_pages("view", "tasks", "*"),
    *_pages("view", "gridmap", "*"),
)
_REVIEW = _pages("view", "records", "contested", "history", "inbox")
_WRITE = (*_pages("add change", "records", *_BASE), *_pages("add change", "tasks", "visit"))
_ALL_CARE = tuple(CARE_RIGHTS)

ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role(
            "grid_worker",
            "网格员",
            (*_can("read_records", "write_records", "reveal_values"), *CARE_RIGHTS.values()),
            console=False,
        ),
        Role(
            "grid_leader",
            "网格长",
            (
                *_can(
                    "read_records",
                    "write_records",
                    "reveal_values",
                    "settle_differences",
                    "plan_tasks",
                    "carry_bundles",
                ),
                *_SEE,
                *_REVIEW,
                *_WRITE,
                *_care(*_ALL_CARE),
                *_pages("view", "access", "post", "device"),
            ),
        ),
        Role(
            "community_staff",
            "社区工作人员",
            (
                *_can(
                    "read_records",
                    "write_records",
                    "reveal_values",
                    "settle_differences",
                    "import_data",
                    "export_data",
                    "carry_bundles",
                    "plan_tasks",
                    "admit_items",
                    "place_alarms",
                ),
                *_SEE,
                *_REVIEW,
                *_WRITE,
                *_care(
                    "care_hardship", "care_left_behind", "care_pregnancy", "care_disability", "care_youth"
                ),
                *_pages("add change", "tasks", "*"),
                *_pages("view", "verify", "*"),
                *_pages("view", "access", "post"),
            ),
        ),
        Role("station_staff", "中心（站）工作人员", _can("handle_cases")),
        Role("volunteer", "志愿者", _can("help_out"), console=False),
        Role(
            "intake_clerk",
            "受理员",
            (
                *_can("take_events", "carry_bundles", "place_alarms"),
                *_pages("view", "tasks", "alarm"),
                *_pages("view add change", "events", "*"),
                *_pages("view", "gridmap", "*"),
            ),
        ),
        Role(
            "dispatcher",
            "派遣员",
            (
                *_can("take_events", "dispatch_events", "plan_tasks", "place_alarms"),
                *_pages("view add change", "events", "*"),
                *_pages("view", "tasks", "*"),
                *_pages("view", "gridmap", "*"),
            ),
        ),
        Role(
            "commander",
            "指挥长",
            (
                *_can("read_records", "command_events", "dispatch_events", "plan_tasks", "place_alarms"),
                *_SEE,
                *_pages("view", "verify", "*"),
                *_pages("view", "access", "post"),
            ),
        ),
        Role(
            "department",
            "部门",
            (
                *_can("pull_published", "offer_data", "handle_events", "define_items"),
                *_pages("view", "publish", "*"),
                *_pages("view add change", "tasks", "workitem"),
            ),
        ),
        Role(
            "system_admin",
            "系统管理员",
            (
                *_can("manage_system"),
                *_pages("view change", "sync", "devicerule"),
                *_pages("view add change", "gridmap", "*"),
                *_pages("view add change", "records", "code*", "switch*"),
                *_pages("view add change", "rules", "*"),
                *_pages("view add change", "tasks", "proxyservice", "station"),
                *_pages("view add change", "tasks", "planlevel", "oversightrule"),
                *_pages("view add change", "publish", "*"),
                *_pages("view add change", "tasks", "alarmsource", "alarmkey"),
            ),
        ),
        Role(
            "security_admin",
            "安全管理员",
            (
                *_can("manage_accounts"),
                *_pages("view change", "sync", "devicerule"),
                *_pages("view add change", "access", "user", "post", "device", "department"),
                *_pages("view add delete", "access", "divisionuserright", "griduserright"),
                *_pages("view add delete", "access", "divisiongroupright", "gridgroupright"),
                *_pages("view", "gridmap", "division", "grid"),
                *_pages("view", "tasks", "station"),
                *_pages("view add change", "tasks", "stationpost"),
            ),
        ),
        Role("audit_admin", "审计管理员", (*_can("read_audit"), *_pages("view", "audit", "auditentry"))),
    )
}
"""Role name → role. ``department`` 部门 means the account of another government department."""

ADMIN_ROLES = SEPARATED
"""The three separated administrators (三员分立): no account holds two of them, or one and another role."""


def role_label(name: str) -> str:
    """Give a role's Chinese name; a group that is no role keeps its own."""
    role = ROLES.get(name)
    return role.label if role else name
