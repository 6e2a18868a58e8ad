"""Say in Chinese what is wrong with the form of a pushed change: the decoder's own words are English."""

import re

from governance.contract import Problem
from governance.contract.parse import shown

_WANTED = {
    "change": ("修改编号", "应为 UUID"),
    "kind": ("记录种类", "应为文字"),
    "id": ("记录编号", "应为 UUID"),
    "base": ("所据版本", "应为不小于0的整数，新记录为空"),
    "set": ("填写内容", "应为对象，每项一个名字"),
    "delete": ("是否撤销", "应为 true 或 false"),
    "captured_at": ("现场时间", "应为文字"),
    "position": ("现场位置", "应为对象，各项为数或文字"),
    "known": ("原有附件", "应为对象，各项为编号的数组"),
}
_MEMBER = re.compile(r"Object (missing required|contains unknown) field `(.*)`", re.DOTALL)
_PLACE = re.compile(r"\$\.(\w+)")


def form_problem(said: str) -> Problem:
    """Give the problem that the decoder told of; ``said`` is its message.

    A member is named by it in one of two ways: ``… field `base``` and ``… - at `$.base```, with what is
    inside the member behind that.
    """
    if member := _MEMBER.match(said):
        name = shown(member[2])
        if member[1] == "contains unknown":
            return Problem(name, "unknown_field", f"修改中不应有“{name}”这一项")
        return Problem(name, "required", f"{_WANTED[name][0]}（{name}）：必填")
    place = _PLACE.search(said)
    if place is None:
        return Problem("", "type", "一条修改应为 JSON 对象")
    label, wanted = _WANTED[place[1]]
    if said.startswith("Number out of range"):
        wanted = "其中的数太大"
    return Problem(place[1], "type", f"{label}（{place[1]}）：{wanted}")
