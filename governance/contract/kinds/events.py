"""事: what a worker reports and mediates (事件、矛盾纠纷), GB/T 31000-2015 and GB/T 30428.

Big class 06 (特殊人群) of the catalogue is retired in the code list: an event is seen by all
who handle it, so work with care groups goes through the care registers and their visits.
"""

from governance.contract.fields import Field, Owner, Sensitivity, Type
from governance.contract.kind import Kind, Rule, Values
from governance.contract.kinds.lifecycle import CLOSED_TOGETHER, lifecycle
from governance.contract.kinds.location import PLACE_RULES, location
from governance.contract.kinds.photos import photos
from governance.contract.kinds.rules import needs

_PERSONAL = Sensitivity.PERSONAL
_HUB = Owner.HUB

_REPORT = (
    Field("category", "事件类别", Type.CODE, 4, "event_category", required=True),
    Field("event_class", "事件大类", Type.CODE, 2, "event_class", derived_from="category"),
    Field("title", "事件名称", length=100),
    Field("description", "事件简述", length=4500, sensitivity=_PERSONAL, required=True),
    Field("occurred_at", "发生时间", Type.MOMENT),
    Field("address", "发生地详址", length=200),
    Field("urgency", "紧急程度", Type.CODE, 1, "urgency"),
    Field("scale", "事件规模", Type.CODE, 2, "event_scale"),
    Field("nature", "事件性质", Type.CODE, 1, "event_nature"),
    Field("people_count", "涉及人数", Type.INTEGER, minimum=0, maximum=999_999, unit="人"),
    Field("units", "涉及单位", length=100),
    Field("party_name", "主要当事人姓名", length=50, sensitivity=_PERSONAL),
    Field("party_phone", "主要当事人联系方式", Type.PHONE, 50, sensitivity=_PERSONAL),
    Field("party_address", "主要当事人居住详址", length=200, sensitivity=_PERSONAL),
    Field("reporter_name", "反映人姓名", length=50, sensitivity=_PERSONAL),
    Field("reporter_phone", "反映人联系方式", Type.PHONE, 50, sensitivity=_PERSONAL),
)

_RESOLUTION = (
    Field("resolve_by", "化解时限", Type.DATE, owner=_HUB),
    Field("mediation", "化解方式", Type.CODE, 2, "mediation"),
    Field("mediator_unit", "化解组织", length=100),
    Field("mediator_name", "化解责任人姓名", length=50, sensitivity=_PERSONAL),
    Field("mediator_phone", "化解责任人联系方式", Type.PHONE, 50, sensitivity=_PERSONAL),
    Field("resolved", "化解是否成功", Type.FLAG),
    Field("resolution", "化解情况", length=4500, sensitivity=_PERSONAL),
    Field("state", "事件状态", Type.CODE, 8, "event_state", owner=_HUB),
)


def _derive(values: Values) -> Values:
    """Read the big class from the category; a new event waits for intake."""
    category = values.get("category")
    derived: dict[str, object] = {"event_class": category[:2]} if isinstance(category, str) else {}
    if values.get("state") is None:
        derived["state"] = "reported"
    return derived


_RULES: tuple[Rule, ...] = (
    needs("resolved", "resolution", "化解情况：填写化解是否成功时必填"),
    *PLACE_RULES,
    CLOSED_TOGETHER,
)

EVENT = Kind(
    name="event",
    label="事件",
    element="事",
    standard="GB/T 31000-2015 矛盾纠纷排查化解；GB/T 30428.2-2013",
    fields=(
        *_REPORT,
        *_RESOLUTION,
        photos("现场照片", sensitivity=_PERSONAL),
        *location(),
        *lifecycle("event_close", owner=_HUB),
    ),
    title=("title", "category"),
    closing="event_close",
    derive=_derive,
    rules=_RULES,
)
