"""The console's menu (导航): grouped by work, each item only for those who may open its page."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse

from governance.access.requests import actor_of
from governance.tasks.models.plans import REGISTERS

_GROUPS: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "人口与户",
        "groups",
        (("records.person", "实有人口", "person"), ("records.household", "家庭户", "family_home")),
    ),
    (
        "房屋",
        "home_work",
        (("records.building", "楼栋", "apartment"), ("records.room", "房屋", "meeting_room")),
    ),
    (
        "物与组织",
        "store",
        (
            ("records.organisation", "组织与场所", "storefront"),
            ("records.thing", "城市部件", "traffic"),
        ),
    ),
    (
        "特殊关怀",
        "volunteer_activism",
        (
            ("records.carehardship", "困难人群", "volunteer_activism"),
            ("records.careleftbehind", "留守人员", "elderly"),
            ("records.carepregnancy", "孕产妇", "pregnant_woman"),
            ("records.caredisability", "残疾人", "accessible"),
            ("records.careyouth", "重点青少年", "school"),
            ("records.caremental", "严重精神障碍患者", "psychology"),
            ("records.caredrug", "戒毒康复", "healing"),
            ("records.carecorrection", "社区矫正", "handshake"),
            ("records.carerelease", "安置帮教", "support"),
        ),
    ),
    (
        "事件与任务",
        "event",
        (
            ("events.event", "事件", "campaign"),
            ("tasks.task", "任务", "task_alt"),
            ("tasks.visit", "走访", "directions_walk"),
            ("rules.rule", "规则", "cake"),
            ("tasks.dayscan", "每日扫描", "update"),
            ("tasks.workitem", "部门事项", "assignment"),
            ("tasks.admission", "部门事项准入", "approval"),
            ("tasks.alarm", "外部告警", "sos"),
            ("tasks.calldevice", "呼叫设备", "emergency"),
            ("tasks.alarmsource", "告警来源", "sensors"),
            ("tasks.alarmkey", "告警来源密钥", "key"),
            ("rules.specialday", "工作日历", "calendar_month"),
        ),
    ),
    (
        "代办服务",
        "support_agent",
        (
            ("tasks.case", "代办件", "assignment"),
            ("tasks.paper", "证件材料", "badge"),
            ("tasks.proxyservice", "代办事项", "list_alt"),
            ("tasks.station", "中心（站）", "apartment"),
            ("tasks.stationpost", "站点岗位", "badge"),
            ("tasks.team", "队伍", "groups"),
            ("tasks.teammember", "队员", "person"),
        ),
    ),
    (
        "走访与督导",
        "monitoring",
        (
            ("tasks.escalation", "走访上报", "priority_high"),
            ("tasks.question", "走访疑问", "help"),
            ("tasks.planlevel", "走访等级", "stairs"),
            ("tasks.oversightrule", "走访疑问设置", "tune"),
            ("tasks.planrun", "每日走访计划", "update"),
        ),
    ),
    (
        "核查",
        "fact_check",
        (
            ("verify.difference", "数据差异", "rule"),
            ("records.inbox", "收件箱（未采纳）", "inbox"),
        ),
    ),
    (
        "地图与网格",
        "map",
        (("gridmap.grid", "网格", "grid_on"), ("gridmap.division", "行政区划", "account_tree")),
    ),
    (
        "终端与岗位",
        "badge",
        (
            ("access.post", "岗位", "badge"),
            ("access.device", "终端", "tablet_android"),
            ("sync.devicerule", "终端告警设置", "notification_important"),
            ("access.user", "账号", "manage_accounts"),
            ("access.department", "部门", "domain"),
            ("access.divisionuserright", "区划授权", "shield_person"),
            ("access.griduserright", "网格授权", "shield"),
            ("access.divisiongroupright", "用户组区划授权", "admin_panel_settings"),
            ("access.gridgroupright", "用户组网格授权", "security"),
        ),
    ),
    ("数据共享", "share", ()),
    (
        "代码与设置",
        "settings",
        (("records.codelist", "代码表", "list_alt"), ("records.switch", "采集项启用", "toggle_on")),
    ),
    ("审计", "policy", (("audit.auditentry", "审计记录", "policy"),)),
)
"""Heading, icon, items (model, name, icon); models named nowhere go to the group of their room."""

_ROOMS = {"verify": "核查", "publish": "数据共享", "rules": "事件与任务", "tasks": "事件与任务"}
_OTHER = "代码与设置"


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Give the menu for the user of a request."""
    site: AdminSite = admin.site
    groups = [_today(request)]
    strays = _strays(site)
    for heading, icon, listed in _GROUPS:
        known = [entry for entry in listed if _registered(site, entry[0])]
        more = [(name, label, icon) for name, label, group in strays if group == heading]
        items = [
            _item(name, label, sign) for name, label, sign in [*known, *more] if _open(site, request, name)
        ]
        if heading == "地图与网格" and request.user.has_perm("gridmap.view_grid"):
            items.insert(0, {"title": "一张图", "icon": "map", "link": reverse("admin:map")})
        if heading == "终端与岗位" and actor_of(request).can("carry_bundles"):
            items.append({"title": "代交数据包", "icon": "usb", "link": reverse("admin:bundles")})
        if heading == "走访与督导":
            items = _oversight(request) + items
        if heading == "代办服务" and actor_of(request).can("handle_cases"):
            items.insert(0, {"title": "办件窗口", "icon": "desk", "link": reverse("admin:desk")})
        if items:
            groups.append({"title": heading, "items": items, "collapsible": True})
    return groups


def _oversight(request: HttpRequest) -> list[dict[str, Any]]:
    """Give the pages of those who plan tasks: supervision, and plans of the registers they may see."""
    actor = actor_of(request)
    if not actor.can("plan_tasks"):
        return []
    items = [{"title": "督导", "icon": "monitoring", "link": reverse("admin:supervision")}]
    if actor.rights & REGISTERS.keys():
        items.append({"title": "走访计划", "icon": "event_upcoming", "link": reverse("admin:visit_plans")})
    return items


def _today(request: HttpRequest) -> dict[str, Any]:
    index = reverse("admin:index")
    item = {"title": "工作台", "icon": "dashboard", "link": index, "active": request.path == index}
    return {"title": "今日工作", "items": [item]}


def _registered(site: AdminSite, name: str) -> bool:
    return site.is_registered(apps.get_model(name))


def _open(site: AdminSite, request: HttpRequest, name: str) -> bool:
    return bool(site.get_model_admin(apps.get_model(name)).has_view_permission(request))


def _item(name: str, label: str, icon: str) -> dict[str, Any]:
    address = reverse(f"admin:{name.replace('.', '_')}_changelist")
    return {"title": label, "icon": icon, "link": address}


def _strays(site: AdminSite) -> list[tuple[str, str, str]]:
    """Give models that no group names: model, its own name, the group of its room."""
    listed = {entry[0] for _, _, entries in _GROUPS for entry in entries}
    found = []
    for model in site._registry:
        name = model._meta.label_lower
        if name not in listed:
            group = _ROOMS.get(model._meta.app_label, _OTHER)
            found.append((name, str(model._meta.verbose_name_plural), group))
    return found
