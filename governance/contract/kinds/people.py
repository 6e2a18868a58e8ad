"""人: households (户) and people (实有人口), GB/T 31000-2015.

A person's present address is that of the household's room and is never asked again. What
the standard holds on left-behind people (留守) beyond the common items stands in the care
register ``care_left_behind``.
"""

from collections.abc import Iterable

from governance.contract.fields import Field, Owner, Problem, Sensitivity, Type
from governance.contract.kind import Kind, Values
from governance.contract.kinds.lifecycle import CLOSED_TOGETHER, lifecycle
from governance.contract.kinds.rules import in_order, together
from governance.contract.numbers import citizen_birth_date, citizen_sex

_PERSONAL = Sensitivity.PERSONAL
_SENSITIVE = Sensitivity.SENSITIVE
_OVERSEAS = "4"

HOUSEHOLD = Kind(
    name="household",
    label="户",
    element="人",
    standard="GB/T 31000-2015 实有人口（户籍）",
    fields=(
        Field("room", "所住房屋", Type.REF, required=True, target="room"),
        Field("household_no", "户号", length=9, sensitivity=_PERSONAL, owner=Owner.POLICE),
        Field("kind", "户类型", Type.CODE, 1, "household_kind"),
        Field("presence", "人户状态", Type.CODE, 1, "household_presence"),
        Field("head_name", "户主姓名", length=50, sensitivity=_PERSONAL, owner=Owner.POLICE),
        Field(
            "head_citizen_number",
            "户主公民身份号码",
            Type.CITIZEN,
            18,
            standard="GB 11643-1999",
            sensitivity=_SENSITIVE,
            owner=Owner.POLICE,
        ),
        Field("head_phone", "户主联系方式", Type.PHONE, 50, sensitivity=_PERSONAL),
        *lifecycle("household_close"),
    ),
    anchor="room",
    title=("head_name", "household_no"),
    closing="household_close",
    rules=(CLOSED_TOGETHER,),
)

_IDENTITY = (
    Field("household", "所在户", Type.REF, required=True, target="household"),
    Field("name", "姓名", length=50, sensitivity=_PERSONAL, owner=Owner.POLICE, required=True),
    Field("former_name", "曾用名", length=50, sensitivity=_PERSONAL, owner=Owner.POLICE),
    Field(
        "citizen_number",
        "公民身份号码",
        Type.CITIZEN,
        18,
        standard="GB 11643-1999",
        sensitivity=_SENSITIVE,
        owner=Owner.POLICE,
    ),
    Field("document_kind", "证件代码", Type.CODE, 3, "document_kind", "GA/T 517", _PERSONAL, Owner.POLICE),
    Field("document_number", "证件号码", length=30, sensitivity=_SENSITIVE, owner=Owner.POLICE),
    Field("document_expires_on", "证件有效期", Type.DATE, sensitivity=_PERSONAL, owner=Owner.POLICE),
    Field(
        "sex",
        "性别",
        Type.CODE,
        1,
        "sex",
        "GB/T 2261.1-2003",
        owner=Owner.POLICE,
        derived_from="citizen_number",
    ),
    Field(
        "birth_date",
        "出生日期",
        Type.DATE,
        sensitivity=_PERSONAL,
        owner=Owner.POLICE,
        derived_from="citizen_number",
    ),
    Field("nation", "民族", Type.CODE, 2, "nation", "GB/T 3304-1991", _PERSONAL, Owner.POLICE),
    Field(
        "native_place", "籍贯", Type.AREA, 6, standard="GB/T 2260", sensitivity=_PERSONAL, owner=Owner.POLICE
    ),
    Field("marital", "婚姻状况", Type.CODE, 2, "marital", "GB/T 2261.2-2003", _PERSONAL, Owner.CIVIL_AFFAIRS),
    Field(
        "political_status",
        "政治面貌",
        Type.CODE,
        2,
        "political_status",
        "GB/T 4762-1984",
        _SENSITIVE,
        switched=True,
    ),
    Field("education", "学历", Type.CODE, 2, "education", "GB/T 4658-2006", _PERSONAL, Owner.EDUCATION),
    Field("religion", "宗教信仰", Type.CODE, 2, "religion", "GA 214.12", _SENSITIVE, switched=True),
    Field("occupation_class", "职业类别", Type.CODE, 5, "occupation_class", "GB/T 6565-2015", _PERSONAL),
    Field("occupation", "职业", length=30, sensitivity=_PERSONAL),
    Field("workplace", "服务处所", length=100, sensitivity=_PERSONAL),
    Field("phone", "联系方式", Type.PHONE, 50, sensitivity=_PERSONAL),
    Field("veteran", "是否退役军人", Type.FLAG, sensitivity=_PERSONAL, owner=Owner.VETERANS),
)

_RESIDENCE = (
    Field("residence_kind", "人口类型", Type.CODE, 1, "residence_kind", required=True),
    Field("relation", "与户主关系", Type.CODE, 2, "relation", "GB/T 4761-2008", _PERSONAL),
    Field("residence_consistent", "人户一致标识", Type.CODE, 2, "residence_consistent"),
    Field(
        "registered_area",
        "户籍地",
        Type.AREA,
        6,
        standard="GB/T 2260",
        sensitivity=_PERSONAL,
        owner=Owner.POLICE,
    ),
    Field("registered_address", "户籍门（楼）详址", length=80, sensitivity=_PERSONAL, owner=Owner.POLICE),
    Field("unregistered_reason", "未落户原因", Type.CODE, 2, "unregistered_reason", sensitivity=_PERSONAL),
    Field("away_reason", "外出原因", Type.CODE, 2, "away_reason", sensitivity=_PERSONAL),
)

_FLOATING = (
    Field("inflow_reason", "流入原因", Type.CODE, 2, "inflow_reason", sensitivity=_PERSONAL),
    Field("permit_kind", "办证类型", Type.CODE, 2, "permit_kind", sensitivity=_PERSONAL, owner=Owner.POLICE),
    Field("permit_number", "居住证件号码", length=22, sensitivity=_SENSITIVE, owner=Owner.POLICE),
    Field("permit_issued_on", "登记日期", Type.DATE, sensitivity=_PERSONAL, owner=Owner.POLICE),
    Field("permit_expires_on", "居住证件到期日期", Type.DATE, sensitivity=_PERSONAL, owner=Owner.POLICE),
    Field("dwelling_kind", "住所类型", Type.CODE, 2, "dwelling_kind", sensitivity=_PERSONAL),
)

_FROM_ABROAD = (
    Field("foreign_surname", "外文姓", length=40, sensitivity=_PERSONAL, owner=Owner.POLICE),
    Field("foreign_given_name", "外文名", length=40, sensitivity=_PERSONAL, owner=Owner.POLICE),
    Field(
        "nationality", "国籍（地区）", Type.CODE, 3, "country", "GB/T 2659.1-2022", _PERSONAL, Owner.POLICE
    ),
    Field(
        "entry_purpose", "来华目的", Type.CODE, 2, "entry_purpose", sensitivity=_PERSONAL, owner=Owner.POLICE
    ),
    Field("arrived_on", "抵达日期", Type.DATE, sensitivity=_PERSONAL, owner=Owner.POLICE),
    Field("leaves_on", "预计离开日期", Type.DATE, sensitivity=_PERSONAL, owner=Owner.POLICE),
)


def _derive(values: Values) -> Values:
    """Read birth date and sex from the citizen number."""
    number = values.get("citizen_number")
    birth_date = citizen_birth_date(number) if isinstance(number, str) and len(number) == 18 else None
    if birth_date is None:
        return {}
    return {"birth_date": birth_date.isoformat(), "sex": citizen_sex(str(number))}


def _document(values: Values) -> Iterable[Problem]:
    """Hold the document against citizen number and residence kind."""
    kind, number = values.get("document_kind"), values.get("citizen_number")
    if kind == "111" and values.get("document_number") != number:
        yield Problem(
            "document_number", "contradiction", "证件号码：居民身份证的号码应填在“公民身份号码”一项"
        )
    if values.get("residence_kind") != _OVERSEAS:
        return
    if isinstance(kind, str) and kind.startswith("1"):
        yield Problem("document_kind", "contradiction", "证件代码：境外人员应登记护照、通行证或居留证件")
    elif kind is None and number is None:
        yield Problem("document_kind", "required", "证件代码：境外人员应登记护照、通行证或居留证件")


PERSON = Kind(
    name="person",
    label="人员",
    element="人",
    standard="GB/T 31000-2015 实有人口（户籍、流动、留守、境外）",
    fields=(
        *_IDENTITY,
        *_RESIDENCE,
        *_FLOATING,
        *_FROM_ABROAD,
        Field("duplicate", "疑似重复", Type.FLAG, owner=Owner.HUB),
        *lifecycle("person_close"),
    ),
    anchor="household",
    title=("name",),
    closing="person_close",
    derive=_derive,
    rules=(
        together("document_kind", "document_number", "证件代码与证件号码应一起填写"),
        _document,
        in_order("birth_date", "arrived_on", "抵达日期不能早于出生日期"),
        in_order("arrived_on", "leaves_on", "预计离开日期不能早于抵达日期"),
        in_order("permit_issued_on", "permit_expires_on", "居住证件到期日期不能早于登记日期"),
        in_order("birth_date", "closed_on", "注销日期不能早于出生日期"),
        CLOSED_TOGETHER,
    ),
)
