"""地: buildings (楼栋) and rooms (房屋、出租房), GB/T 31000-2015 实有房屋.

The standard's items on the building's head (楼栋长) beyond name and telephone stand in that
person's own record; its count of residents is counted, not collected.
"""

from governance.contract.fields import Field, Owner, Sensitivity, Type
from governance.contract.kind import Kind
from governance.contract.kinds.lifecycle import CLOSED_TOGETHER, lifecycle
from governance.contract.kinds.location import PLACE_RULES, location
from governance.contract.kinds.photos import photos
from governance.contract.kinds.rules import either, not_against, together

_PERSONAL = Sensitivity.PERSONAL
_SENSITIVE = Sensitivity.SENSITIVE

BUILDING = Kind(
    name="building",
    label="楼栋",
    element="地",
    standard="GB/T 31000-2015 实有房屋（楼栋）",
    fields=(
        Field("estate", "小区（单位）名称", length=100),
        Field("name", "楼栋名称", length=100),
        Field("address", "详细地址", length=200, standard="GB/T 23705-2009"),
        Field("floor_area", "建筑面积", Type.NUMBER, minimum=0, maximum=10_000_000, unit="m²"),
        Field("floors", "层数", Type.INTEGER, minimum=1, maximum=200, unit="层"),
        Field("units", "单元数", Type.INTEGER, minimum=1, maximum=200, unit="个"),
        Field("households_count", "楼栋户数", Type.INTEGER, minimum=0, maximum=10_000, unit="户"),
        Field("leader_name", "楼栋长姓名", length=50, sensitivity=_PERSONAL),
        Field("leader_phone", "楼栋长联系方式", Type.PHONE, 50, sensitivity=_PERSONAL),
        photos("楼栋照片"),
        *location(),
        *lifecycle("building_close"),
    ),
    title=("estate", "name", "address"),
    closing="building_close",
    rules=(either("name", "address", "楼栋名称、详细地址至少填一项"), *PLACE_RULES, CLOSED_TOGETHER),
)

ROOM = Kind(
    name="room",
    label="房屋",
    element="地",
    standard="GB/T 31000-2015 实有房屋、出租房",
    fields=(
        Field("building", "所在楼栋", Type.REF, required=True, target="building"),
        Field("house_code", "房屋编号", length=25, owner=Owner.NATURAL_RESOURCES),
        Field("unit", "单元", length=20),
        Field("floor", "楼层", Type.INTEGER, minimum=-20, maximum=200, unit="层"),
        Field("number", "房号", length=20, required=True),
        Field("address", "房屋地址", length=200, standard="GB/T 23705-2009"),
        Field("use", "建筑用途", Type.CODE, 2, "building_use"),
        Field("floor_area", "建筑面积", Type.NUMBER, minimum=0, maximum=1_000_000, unit="m²"),
        Field("owner_name", "房主姓名", length=50, sensitivity=_PERSONAL, owner=Owner.HOUSING),
        Field("owner_phone", "房主联系方式", Type.PHONE, 50, sensitivity=_PERSONAL),
        Field(
            "owner_document_kind",
            "房主证件代码",
            Type.CODE,
            3,
            "document_kind",
            "GA/T 517",
            _PERSONAL,
            Owner.HOUSING,
        ),
        Field(
            "owner_document_number", "房主证件号码", length=30, sensitivity=_SENSITIVE, owner=Owner.HOUSING
        ),
        Field("owner_address", "房主现居住详址", length=200, sensitivity=_PERSONAL),
        Field("rented", "是否出租", Type.FLAG),
        Field("rental_use", "出租用途", Type.CODE, 2, "rental_use"),
        Field("hazard", "隐患类型", Type.CODE, 2, "room_hazard"),
        Field("tenant_name", "承租人姓名", length=50, sensitivity=_PERSONAL),
        Field(
            "tenant_citizen_number",
            "承租人公民身份号码",
            Type.CITIZEN,
            18,
            standard="GB 11643-1999",
            sensitivity=_SENSITIVE,
        ),
        Field("tenant_phone", "承租人联系方式", Type.PHONE, 50, sensitivity=_PERSONAL),
        *lifecycle("room_close"),
    ),
    anchor="building",
    title=("unit", "number"),
    closing="room_close",
    rules=(
        together("owner_document_kind", "owner_document_number", "房主证件代码与房主证件号码应一起填写"),
        not_against("rented", "rental_use", "出租用途：房屋登记为未出租"),
        not_against("rented", "tenant_name", "承租人姓名：房屋登记为未出租"),
        CLOSED_TOGETHER,
    ),
)
