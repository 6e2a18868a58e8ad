"""How a record's page is divided (分节): a section begins at a field, in the contract's order."""

from collections.abc import Iterable

from governance.contract import Kind

_END = (("photos", "照片"), ("lon", "位置"), ("verification", "核实与备注"))
_CARE = (("care_level", "关怀计划"), ("guardian_name", "监护人"), ("help_sources", "帮扶"))

_STARTS: dict[str, tuple[tuple[str, str], ...]] = {
    "person": (
        ("household", "基本信息"),
        ("occupation_class", "就业与联系"),
        ("residence_kind", "居住与户籍"),
        ("inflow_reason", "流动情况"),
        ("foreign_surname", "境外人员"),
        ("duplicate", "核实与备注"),
    ),
    "household": (("room", "户信息"), ("head_name", "户主")),
    "building": (("estate", "楼栋信息"), ("leader_name", "楼栋长")),
    "room": (
        ("building", "房屋信息"),
        ("owner_name", "房主"),
        ("rented", "出租情况"),
        ("tenant_name", "承租人"),
    ),
    "organisation": (
        ("category", "登记信息"),
        ("address", "地址与联系"),
        ("legal_name", "法定代表人与负责人"),
        ("staff_count", "安全情况"),
        ("party_ready", "党群组织"),
    ),
    "thing": (("category", "部件信息"), ("department", "管理单位")),
    "event": (
        ("category", "事件信息"),
        ("party_name", "当事人与反映人"),
        ("resolve_by", "化解情况"),
    ),
    "task": (("occasion", "任务信息"), ("asks", "办理要求与承办"), ("outcome", "办理情况")),
    "visit": (("household", "走访信息"),),
    "paper": (("household", "材料信息"),),
    "case": (("household", "代办信息"), ("consent_by", "委托"), ("act", "网格员办理"), ("state", "办理进度")),
}


def section_starts(kind: Kind) -> dict[str, str]:
    """Give the heading that stands before a field, by field."""
    starts = {kind.fields[0].name: f"{kind.label}信息", **dict(_END)}
    if kind.right is not None:
        starts |= dict(_CARE)
    own = dict(_STARTS.get(kind.name, ()))
    if "duplicate" in own:
        starts.pop("verification")
    return starts | own


def divided(kind: Kind, names: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Divide field names, in the contract's order, into headed sections; empty ones are left out."""
    wanted, starts = set(names), section_starts(kind)
    sections: list[tuple[str, list[str]]] = []
    for item in kind.fields:
        if item.name in starts:
            sections.append((starts[item.name], []))
        if item.name in wanted:
            sections[-1][1].append(item.name)
    return [section for section in sections if section[1]]
