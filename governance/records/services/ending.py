"""What keeps a record from ending (注销、作废的前提): what is still open below it, by name."""

from collections.abc import Iterable

from governance.contract import KINDS
from governance.contract.casework import STATES
from governance.records.codes import book
from governance.records.rows import Held

_MOST = 3


def closing_refused(children: Iterable[Held]) -> str:
    """Say in Chinese why a record cannot be closed; empty where nothing below keeps it.

    What merely tells of the past (visits, materials seen) keeps nothing: it stays as it is.
    """
    found = _words([child for child in children if child.open and not child.kind.lasting])
    return f"名下还有未注销的记录，请先迁出、注销或办结：{found}" if found else ""


def withdrawing_refused(kind: str, children: Iterable[Held]) -> str:
    """Say in Chinese why a record entered by mistake cannot be withdrawn; empty where it can."""
    found = _words([child for child in children if child.open])
    return f"名下还有未注销的记录，不能作废这条{KINDS[kind].label}：{found}" if found else ""


def _words(open_: list[Held]) -> str:
    cases = [child for child in open_ if child.kind.name == "case"]
    said = [_case(child) for child in cases[:_MOST]]
    if len(cases) > _MOST:
        said.append(f"等共{len(cases)}个代办件")
    plain: dict[str, int] = {}
    for child in open_:
        if child.kind.name != "case":  # Registers are not named to who may not know of them.
            label = "其他记录" if child.kind.right else child.kind.label
            plain[label] = plain.get(label, 0) + 1
    return "、".join([*said, *(f"{label}{number}条" for label, number in plain.items())])


def _case(held: Held) -> str:
    """Name a case by its service, number and state, so that it is found and settled first."""
    code = str(held.values.get("service"))
    service = book().get("proxy_service", {}).get(code)
    number = held.values.get("number")
    state = STATES.get(str(held.values.get("state")), "收集材料")
    numbered = f"受理编号{number}，" if number else ""
    return f"代办件“{service.label if service else code}”（{numbered}{state}）"
