"""物: city parts (城市部件), GB/T 30428.2-2013."""

from collections.abc import Iterable

from governance.contract.fields import Field, Owner, Problem, Type
from governance.contract.kind import Kind, Values
from governance.contract.kinds.lifecycle import CLOSED_TOGETHER, lifecycle
from governance.contract.kinds.location import PLACE_RULES, location
from governance.contract.kinds.photos import photos

_PARTS = "GB/T 30428.2-2013"


def _derive(values: Values) -> Values:
    """Read the big class (部件大类) from the category's first two digits."""
    category = values.get("category")
    return {"part_class": category[:2]} if isinstance(category, str) else {}


def _part_code(values: Values) -> Iterable[Problem]:
    """Hold the part code (6 division + 2 class + 2 subclass + 6 sequence) against the category."""
    code, category = values.get("part_code"), values.get("category")
    if not isinstance(code, str):
        return ()
    if not (len(code) == 16 and code.isascii() and code.isdigit()):
        return (Problem("part_code", "format", "部件标识码：应为16位数字"),)
    if isinstance(category, str) and code[6:10] != category:
        return (Problem("part_code", "contradiction", "部件标识码：第7至10位与部件类别不符"),)
    return ()


THING = Kind(
    name="thing",
    label="部件",
    element="物",
    standard=_PARTS,
    fields=(
        Field(
            "category", "部件类别", Type.CODE, 4, "part_category", _PARTS, owner=Owner.URBAN, required=True
        ),
        Field(
            "part_class",
            "部件大类",
            Type.CODE,
            2,
            "part_class",
            _PARTS,
            owner=Owner.URBAN,
            derived_from="category",
        ),
        Field("part_code", "部件标识码", length=16, standard=_PARTS, owner=Owner.URBAN),
        Field("name", "部件名称", length=100),
        Field("address", "位置描述", length=200),
        Field("state", "部件状态", Type.CODE, 2, "part_state", _PARTS),
        Field("department", "主管部门", length=100, owner=Owner.URBAN),
        Field("owner_unit", "权属单位", length=100, owner=Owner.URBAN),
        Field("maintainer", "养护单位", length=100, owner=Owner.URBAN),
        photos("部件照片"),
        *location(),
        *lifecycle("thing_close"),
    ),
    title=("name", "category", "part_code"),
    closing="thing_close",
    derive=_derive,
    rules=(_part_code, *PLACE_RULES, CLOSED_TOGETHER),
)
