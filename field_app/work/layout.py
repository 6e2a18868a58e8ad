"""How a form's lines are put in parts, and which apply (表单分段): what is asked first, what only of some.

A field that is named nowhere here still has its line, in the part 更多; a field that does not apply
is left out unless it holds a value.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from governance.contract import Kind
from governance.contract.kind import Values

Applies = Callable[[Values], bool]

REST = "更多"
LAST = "核实与备注"
_LAST_NAMES = ("verification", "note")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form: Chinese heading and field names, in the order they are asked."""

    title: str
    names: tuple[str, ...]


def _one_of(name: str, *values: object) -> Applies:
    return lambda record: record.get(name) in values


def _not(name: str, value: object) -> Applies:
    return lambda record: record.get(name) != value


def _each(names: str, applies: Applies) -> dict[str, Applies]:
    return dict.fromkeys(names.split(), applies)


def _part(title: str, names: str) -> Part:
    return Part(title, tuple(names.split()))


_FLOATING = "inflow_reason permit_kind permit_number permit_issued_on permit_expires_on dwelling_kind"
_ABROAD = "foreign_surname foreign_given_name nationality entry_purpose arrived_on leaves_on"
_REGISTERED = "residence_consistent registered_area registered_address unregistered_reason"
_DOCUMENT = "document_kind document_number document_expires_on"
_TENANT = "rental_use tenant_name tenant_citizen_number tenant_phone"
_ENTERPRISE = "enterprise_kind holding"
_SOCIETY = "society_kind society_state registrar approved_on funding foreign_background"
_PARTY = "party_name party_phone party_address"
_MEDIATION = "mediation mediator_unit mediator_name mediator_phone resolved resolution"
_GUARDIAN = "guardian_name guardian_relation guardian_phone guardian_address"
_PLAN = "care_level next_visit_on helper_name helper_phone help_given"

LAYOUT: dict[str, tuple[Part, ...]] = {
    "person": (
        _part("基本信息", "household name citizen_number sex birth_date phone relation residence_kind"),
        _part("证件", _DOCUMENT),
        _part("流动情况", _FLOATING),
        _part("境外人员", _ABROAD),
        _part("户籍", f"{_REGISTERED} away_reason"),
    ),
    "household": (
        _part("这一户", "room kind presence head_name head_phone head_citizen_number household_no"),
    ),
    "room": (
        _part("房屋", "building unit floor number address use floor_area hazard house_code"),
        _part("房主", "owner_name owner_phone owner_document_kind owner_document_number owner_address"),
        _part("出租", f"rented {_TENANT}"),
    ),
    "building": (
        _part("楼栋", "name estate address floors units households_count floor_area photos"),
        _part("楼栋长", "leader_name leader_phone"),
    ),
    "organisation": (
        _part(
            "基本信息",
            f"category name address phone place_kind credit_code registration_no {_ENTERPRISE} photos",
        ),
        _part("社会组织", _SOCIETY),
        _part("负责人", "manager_name manager_phone legal_name legal_phone"),
        _part("安全", "security_name security_phone staff_count hazardous hazard attention"),
        _part(
            "党群组织",
            "party_ready has_party party_members has_union union_members "
            "has_league league_members has_women women_count",
        ),
    ),
    "event": (
        _part("发生了什么", "category title description photos occurred_at address urgency"),
        _part("当事人", f"{_PARTY} people_count reporter_name reporter_phone"),
        _part("化解", _MEDIATION),
    ),
}
"""Kind → its first parts; care registers and the others need none."""

_CARE = (_part("监护人", _GUARDIAN), _part("帮扶与走访", _PLAN))

ONLY: dict[str, dict[str, Applies]] = {
    "person": {
        **_each(_FLOATING, _one_of("residence_kind", "2")),
        **_each(_ABROAD, _one_of("residence_kind", "4")),
        **_each(_REGISTERED, _not("residence_kind", "4")),
        **_each(
            _DOCUMENT, lambda record: record.get("residence_kind") == "4" or not record.get("citizen_number")
        ),
        **_each("away_reason", _one_of("residence_kind", "1", "3")),
    },
    "room": _each(_TENANT, _one_of("rented", True)),
    "organisation": {
        **_each(_ENTERPRISE, _one_of("category", "1", "3")),
        **_each(_SOCIETY, _one_of("category", "2")),
        **_each("place_kind", _one_of("category", "3", "4")),
        **_each("party_members", _one_of("has_party", True)),
        **_each("union_members", _one_of("has_union", True)),
        **_each("league_members", _one_of("has_league", True)),
        **_each("women_count", _one_of("has_women", True)),
    },
}
"""Kind → field → whether it applies to a record; fields not named always do."""


def arrange(
    kind: Kind, values: Values, asked: Iterable[str], *, keep: Collection[str] = ()
) -> Iterator[tuple[str, str]]:
    """Give part and name of each line to draw, in order.

    Parameters
    ----------
    kind : Kind
    values : mapping
        The record as it stands in the form.
    asked : iterable of str
        Fields that may be asked at all, in the standard's order.
    keep : collection of str
        Fields that are shown even if they do not apply, because something is wrong with them.
    """
    only = ONLY.get(kind.name, {})
    left = {
        name: None
        for name in asked
        if name in keep or values.get(name) is not None or name not in only or only[name](values)
    }
    for part in _parts(kind, tuple(left)):
        for name in part.names:
            if name in left:
                del left[name]
                yield part.title, name


def _parts(kind: Kind, names: tuple[str, ...]) -> tuple[Part, ...]:
    """Give the kind's parts, then what none of them names, then the end that all forms share."""
    first = LAYOUT.get(kind.name, ())
    later = _CARE if kind.right is not None else ()
    named = {name for part in (*first, *later) for name in part.names} | set(_LAST_NAMES)
    rest = tuple(name for name in names if name not in named)
    middle = Part(REST if first else kind.label, rest)
    return (*first, middle, *later, Part(LAST, _LAST_NAMES))
