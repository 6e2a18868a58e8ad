"""人: care registers (特殊关怀名册), each behind a right of its own.

Only what a visit or a service needs: whom to look after, how often, with whose help. No
register holds an offence, a sentence, a history of suspicion or a diagnosis, and none
exists for infections. Every value is sensitive.
"""

from governance.contract.fields import Field, Owner, Sensitivity, Type
from governance.contract.kind import Kind, Rule
from governance.contract.kinds.lifecycle import CLOSED_TOGETHER, lifecycle
from governance.contract.kinds.rules import in_order

_SENSITIVE = Sensitivity.SENSITIVE
_STANDARD = "GB/T 31000-2015 特殊人群"


def _item(
    name: str,
    label: str,
    type_: Type = Type.TEXT,
    length: int | None = None,
    codes: str | None = None,
    *,
    owner: Owner = Owner.WORKER,
    required: bool = False,
    standard: str = "",
    unit: str = "",
) -> Field:
    """Give a field nobody sees without the register's right."""
    maximum = 100_000_000 if type_ is Type.INTEGER else None
    return Field(
        name, label, type_, length, codes, standard, _SENSITIVE, owner, required, maximum=maximum, unit=unit
    )


def _guardian() -> tuple[Field, ...]:
    return (
        _item("guardian_name", "监护人姓名", length=50),
        _item("guardian_relation", "监护人与其关系", Type.CODE, 2, "relation", standard="GB/T 4761-2008"),
        _item("guardian_phone", "监护人联系方式", Type.PHONE, 50),
        _item("guardian_address", "监护人居住详址", length=200),
    )


_PLAN = (
    _item("care_level", "关怀等级", Type.CODE, 1, "care_level"),
    _item("next_visit_on", "下次走访日期", Type.DATE),
    _item("helper_name", "帮扶人姓名", length=50),
    _item("helper_phone", "帮扶人联系方式", Type.PHONE, 50),
    _item("help_given", "帮扶情况", length=1024),
)

_FROM_TO: Rule = in_order("starts_on", "ends_on", "结束日期不能早于开始日期")


def _register(
    name: str,
    label: str,
    items: tuple[Field, ...],
    *,
    standard: str = _STANDARD,
    rules: tuple[Rule, ...] = (),
) -> Kind:
    """Make a register: the person, the register's items, the visit plan, the end."""
    return Kind(
        name=f"care_{name}",
        label=label,
        element="人",
        standard=standard,
        fields=(
            Field("person", "关怀对象", Type.REF, sensitivity=_SENSITIVE, required=True, target="person"),
            *items,
            *_PLAN,
            *lifecycle("care_close", note=_SENSITIVE, end=_SENSITIVE),
        ),
        anchor="person",
        right=f"records.see_care_{name}",
        closing="care_close",
        rules=(*rules, CLOSED_TOGETHER),
    )


HARDSHIP = _register(
    "hardship",
    "困难人群",
    (
        _item(
            "category", "困难类型", Type.CODE, 2, "hardship_kind", owner=Owner.CIVIL_AFFAIRS, required=True
        ),
        _item("living", "居住情况", Type.CODE, 1, "living"),
        _item("health", "健康状况", Type.CODE, 2, "health", standard="GB/T 2261.3-2003"),
        _item("needs", "困难及诉求", length=1024),
        _item("help_sources", "帮扶部门", Type.CODES, 2, "help_source"),
        _item("contact_name", "紧急联系人姓名", length=50),
        _item("contact_phone", "紧急联系人联系方式", Type.PHONE, 50),
    ),
    standard="",
)

LEFT_BEHIND = _register(
    "left_behind",
    "留守人员",
    (
        _item("category", "留守人员类型", Type.CODE, 2, "left_behind_kind", required=True),
        _item("living", "居住情况", Type.CODE, 1, "living"),
        _item("health", "健康状况", Type.CODE, 2, "health", standard="GB/T 2261.3-2003"),
        _item("income", "个人年收入", Type.INTEGER, unit="元"),
        _item("member_name", "家庭主要成员姓名", length=50),
        _item(
            "member_relation",
            "家庭主要成员与留守人员关系",
            Type.CODE,
            2,
            "relation",
            standard="GB/T 4761-2008",
        ),
        _item("member_phone", "家庭主要成员联系方式", Type.PHONE, 50),
        _item("member_workplace", "家庭主要成员工作详细地址", length=200),
        _item("family_income", "家庭年收入", Type.INTEGER, unit="元"),
        _item("needs", "困难及诉求", length=1024),
    ),
    standard="GB/T 31000-2015 实有人口（留守）",
)

MENTAL = _register(
    "mental",
    "严重精神障碍患者",
    (
        *_guardian(),
        _item("economy", "家庭经济状况", Type.CODE, 2, "economy"),
        _item("allowance", "是否纳入低保", Type.FLAG, owner=Owner.CIVIL_AFFAIRS),
        _item("risk_level", "目前危险性评估等级", Type.CODE, 2, "mental_risk", owner=Owner.HEALTH),
        _item("treatment", "治疗情况", Type.CODE, 2, "treatment", owner=Owner.HEALTH),
        _item("hospital", "治疗医院名称", length=100, owner=Owner.HEALTH),
        _item("rehabilitation", "接收康复训练机构名称", length=100, owner=Owner.DISABILITY),
        _item("managers", "参与管理人员", Type.CODES, 2, "manager"),
        _item("help_sources", "帮扶部门", Type.CODES, 2, "help_source"),
    ),
)

DRUG = _register(
    "drug",
    "戒毒康复人员",
    (
        _item("programme", "戒毒康复措施", Type.CODE, 2, "drug_programme", owner=Owner.POLICE),
        _item("starts_on", "开始日期", Type.DATE, owner=Owner.POLICE),
        _item("ends_on", "结束日期", Type.DATE, owner=Owner.POLICE),
        _item("support_place", "康复服务机构名称", length=100),
        _item("needs", "困难及诉求", length=1024),
    ),
    rules=(_FROM_TO,),
)

CORRECTION = _register(
    "correction",
    "社区矫正对象",
    (
        _item("starts_on", "矫正开始日期", Type.DATE, owner=Owner.JUSTICE),
        _item("ends_on", "矫正结束日期", Type.DATE, owner=Owner.JUSTICE),
        _item("reception", "接收方式", Type.CODE, 2, "reception", owner=Owner.JUSTICE),
        _item("has_group", "是否建立矫正小组", Type.FLAG, owner=Owner.JUSTICE),
        _item("group_members", "矫正小组人员组成", Type.CODES, 2, "correction_group", owner=Owner.JUSTICE),
        _item("needs", "困难及诉求", length=1024),
    ),
    rules=(_FROM_TO,),
)

RELEASE = _register(
    "release",
    "安置帮教人员",
    (
        _item("support_level", "帮教类型", Type.CODE, 2, "support_level", owner=Owner.JUSTICE),
        _item("received_on", "衔接日期", Type.DATE, owner=Owner.JUSTICE),
        _item("received_how", "衔接情况", Type.CODE, 2, "release_reception", owner=Owner.JUSTICE),
        _item("settled_on", "安置日期", Type.DATE),
        _item("settled_how", "安置情况", Type.CODE, 2, "settlement"),
        _item("unsettled_reason", "未安置原因", length=1024),
    ),
    rules=(in_order("received_on", "settled_on", "安置日期不能早于衔接日期"),),
)

YOUTH = _register(
    "youth",
    "重点青少年",
    (
        _item("category", "人员类型", Type.CODE, 2, "youth_kind", owner=Owner.POLITICAL_LEGAL, required=True),
        _item("family", "家庭情况", Type.CODE, 2, "family_situation"),
        *_guardian(),
        _item("help_means", "帮扶手段", Type.CODE, 2, "help_means"),
    ),
    standard="GB/T 31000-2015 重点青少年",
)

PREGNANCY = _register(
    "pregnancy",
    "孕产妇",
    (
        _item("expected_birth_on", "预产期", Type.DATE, owner=Owner.HEALTH, required=True),
        _item("booked_on", "建册日期", Type.DATE, owner=Owner.HEALTH),
        _item("checked_on", "最近孕检日期", Type.DATE, owner=Owner.HEALTH),
        _item("check_place", "孕检机构名称", length=100),
        _item("contact_name", "紧急联系人姓名", length=50),
        _item("contact_phone", "紧急联系人联系方式", Type.PHONE, 50),
    ),
    standard="",
    rules=(in_order("booked_on", "checked_on", "最近孕检日期不能早于建册日期"),),
)

DISABILITY = _register(
    "disability",
    "残疾人",
    (
        _item("category", "残疾类别", Type.CODE, 1, "disability_kind", owner=Owner.DISABILITY, required=True),
        _item("grade", "残疾等级", Type.CODE, 1, "disability_grade", owner=Owner.DISABILITY),
        _item("issued_on", "残疾人证发证日期", Type.DATE, owner=Owner.DISABILITY),
        _item("expires_on", "残疾人证有效期", Type.DATE, owner=Owner.DISABILITY),
        _item("needs", "困难及诉求", length=1024),
        _item("contact_name", "紧急联系人姓名", length=50),
        _item("contact_phone", "紧急联系人联系方式", Type.PHONE, 50),
    ),
    standard="GB/T 26341-2010",
    rules=(in_order("issued_on", "expires_on", "残疾人证有效期不能早于发证日期"),),
)

REGISTERS = (HARDSHIP, LEFT_BEHIND, MENTAL, DRUG, CORRECTION, RELEASE, YOUTH, PREGNANCY, DISABILITY)
"""All care registers."""
