"""组织: private enterprises, social organisations, sole traders, venues (GB/T 31000-2015)."""

from governance.contract.fields import Field, Owner, Sensitivity, Type
from governance.contract.kind import Kind, Rule
from governance.contract.kinds.lifecycle import CLOSED_TOGETHER, lifecycle
from governance.contract.kinds.location import PLACE_RULES, location
from governance.contract.kinds.photos import photos
from governance.contract.kinds.rules import not_against, together

_PERSONAL = Sensitivity.PERSONAL
_MARKET = Owner.MARKET
_CIVIL = Owner.CIVIL_AFFAIRS

_REGISTRATION = (
    Field("category", "组织类别", Type.CODE, 1, "organisation_category", required=True),
    Field("name", "名称", length=100, required=True, owner=_MARKET),
    Field("credit_code", "统一社会信用代码", Type.CREDIT, 18, standard="GB 32100-2015", owner=_MARKET),
    Field("registration_no", "注册号（登记证号）", length=32, owner=_MARKET),
    Field("enterprise_kind", "企业类型", Type.CODE, 2, "enterprise_kind", owner=_MARKET),
    Field("holding", "控股情况", Type.CODE, 3, "holding", owner=_MARKET),
    Field("society_kind", "社会组织类型", Type.CODE, 2, "society_kind", owner=_CIVIL),
    Field("society_state", "社会组织状态", Type.CODE, 1, "society_state", owner=_CIVIL),
    Field("registrar", "登记管理机关代码", Type.AREA, 6, standard="GB/T 2260", owner=_CIVIL),
    Field("approved_on", "批准日期", Type.DATE, owner=_CIVIL),
    Field("place_kind", "场所类型", Type.CODE, 2, "place_kind"),
)

_CONTACT = (
    Field("address", "地址", length=200, standard="GB/T 23705-2009"),
    Field("office_address", "办公地址", length=200),
    Field("phone", "联系方式", Type.PHONE, 50),
    Field("legal_name", "法定代表人姓名", length=50, sensitivity=_PERSONAL, owner=_MARKET),
    Field(
        "legal_document_kind",
        "法定代表人证件代码",
        Type.CODE,
        3,
        "document_kind",
        "GA/T 517",
        _PERSONAL,
        _MARKET,
    ),
    Field(
        "legal_document_number",
        "法定代表人证件号码",
        length=30,
        sensitivity=Sensitivity.SENSITIVE,
        owner=_MARKET,
    ),
    Field("legal_phone", "法定代表人联系方式", Type.PHONE, 50, sensitivity=_PERSONAL),
    Field("manager_name", "负责人姓名", length=50, sensitivity=_PERSONAL),
    Field("manager_phone", "负责人联系方式", Type.PHONE, 50, sensitivity=_PERSONAL),
    Field("security_name", "治保负责人姓名", length=50, sensitivity=_PERSONAL),
    Field("security_phone", "治保负责人联系方式", Type.PHONE, 50, sensitivity=_PERSONAL),
)

_SAFETY = (
    Field("staff_count", "员工数", Type.INTEGER, minimum=0, maximum=1_000_000, unit="人"),
    Field("hazardous", "是否危化企业", Type.FLAG, owner=Owner.EMERGENCY),
    Field("hazard", "安全隐患类型", Type.CODE, 2, "organisation_hazard"),
    Field("attention", "关注程度", Type.CODE, 2, "attention"),
)


def _members(name: str, label: str, count: str, count_label: str) -> tuple[Field, Field]:
    return (
        Field(name, label, Type.FLAG),
        Field(count, count_label, Type.INTEGER, minimum=0, maximum=1_000_000, unit="人"),
    )


_BODIES = (
    Field("party_ready", "是否具备建立中共党组织条件", Type.FLAG),
    *_members("has_party", "是否有中共党组织", "party_members", "中共党员数"),
    *_members("has_union", "是否有工会", "union_members", "工会会员数"),
    *_members("has_league", "是否有共青团组织", "league_members", "共青团员数"),
    *_members("has_women", "是否有妇联组织", "women_count", "妇女数"),
    Field("funding", "资金来源", length=100, owner=_CIVIL),
    Field("foreign_background", "是否有境外背景", Type.FLAG, owner=_CIVIL),
)

_RULES: tuple[Rule, ...] = (
    together("legal_document_kind", "legal_document_number", "法定代表人证件代码与证件号码应一起填写"),
    not_against("has_union", "union_members", "工会会员数：登记为没有工会"),
    not_against("has_league", "league_members", "共青团员数：登记为没有共青团组织"),
    *PLACE_RULES,
    CLOSED_TOGETHER,
)

ORGANISATION = Kind(
    name="organisation",
    label="组织",
    element="组织",
    standard="GB/T 31000-2015 非公有制经济组织和社会组织",
    fields=(
        *_REGISTRATION,
        *_CONTACT,
        *_SAFETY,
        *_BODIES,
        photos("门面照片"),
        *location(),
        Field("duplicate", "疑似重复", Type.FLAG, owner=Owner.HUB),
        *lifecycle("organisation_close"),
    ),
    title=("name",),
    closing="organisation_close",
    rules=_RULES,
)
