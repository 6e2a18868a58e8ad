"""What stands in a registry's list (列表): title, key fields, place; masked, with the codes' names."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from governance.contract import CodeBook, Kind, Type
from governance.records.models import Record
from governance.records.registry.labels import place, short
from governance.records.registry.late import is_late
from governance.records.registry.named import is_named, names_of
from governance.records.registry.values import shown

WHO, PLACE, GRID = "@who", "@place", "@grid"
_SPECIAL = {WHO: "关怀对象", PLACE: "住址", GRID: "所在网格"}
_PLACED = {"building": "楼栋", "room": "房屋"}

COLUMNS: dict[str, tuple[str, ...]] = {
    "person": (
        "name", "citizen_number", "sex", "birth_date", "phone", "residence_kind", PLACE, GRID, "verification",
    ),
    "household": ("head_name", PLACE, "head_phone", "kind", "presence", GRID, "verification"),
    "building": (PLACE, "address", "floors", "units", "households_count", GRID, "verification"),
    "room": (PLACE, "use", "floor", "rented", "owner_name", GRID, "verification"),
    "organisation": ("name", "category", "place_kind", "address", "phone", GRID, "verification"),
    "thing": ("name", "category", "state", "address", GRID, "verification"),
    "event": ("title", "category", "urgency", "state", "occurred_at", "address", GRID),
    "task": ("title", "item", PLACE, "state", "assignee", "due_on", "outcome", GRID),
    "visit": ("visited_at", "purpose", PLACE, "found", "next_on", GRID),
    "paper": ("material", PLACE, "seen_on", "valid_to", GRID),
    "case": ("service", "number", PLACE, "state", "due_on", "station", GRID),
}  # fmt: skip
"""Kind → columns; care registers show whom and where and nothing else."""

_TONES = {
    ("verification", "3"): "ok",
    ("verification", "2"): "soft",
    ("state", "done"): "ok",
    ("state", "open"): "warn",
    ("state", "accepted"): "soft",
    ("state", "visited"): "warn",
    ("state", "handed_on"): "soft",
    ("state", "returned"): "bad",
    ("state", "reported"): "warn",
    ("state", "closed"): "ok",
    ("urgency", "2"): "warn",
    ("urgency", "3"): "bad",
    ("state", "01"): "ok",
    ("state", "02"): "bad",
    ("state", "03"): "bad",
}
_ONE_LINE = frozenset({Type.DATE, Type.MOMENT, Type.PHONE, Type.CITIZEN})
_TAGGED = frozenset({"verification", "state", "urgency", "residence_kind", "outcome"})


def columns_of(kind: Kind) -> tuple[str, ...]:
    """Give the columns of a kind's list."""
    return COLUMNS.get(kind.name, (WHO, PLACE, GRID))


def heading(kind: Kind, column: str) -> str:
    """Give a column's heading."""
    if column == PLACE:
        return _PLACED.get(kind.name, _SPECIAL[PLACE])
    return _SPECIAL.get(column) or kind.by_name[column].label


def cells_attach(kind: Kind, rows: Sequence[Record], book: CodeBook) -> None:
    """Give every row its ``cells`` (column → what is shown); names take few queries."""
    columns = columns_of(kind)
    told = [(name, getattr(row, name)) for name in columns if is_named(kind.name, name) for row in rows]
    names = names_of(kind.name, [*(("grid", row.grid) for row in rows), *told])
    for row in rows:
        cells = {column: _cell(kind, row, column, book, names) for column in columns}
        first = columns[0]
        marks = _marks(row)
        if marks or not str(cells[first]):
            cells[first] = format_html("{}{}", cells[first] or short(row), marks)
        row.cells = cells  # type: ignore[attr-defined]


def plain(value: Any) -> Any:
    """Give a column's value in its JSON form."""
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def tag(text: str, tone: str = "") -> SafeString:
    """Give a small label."""
    return format_html('<span class="tag {}">{}</span>', f"tag-{tone}" if tone else "", text)


def _cell(kind: Kind, row: Any, column: str, book: CodeBook, names: dict[str, str]) -> str:
    if column == WHO:
        return short(row)
    if column == PLACE:
        return place(row)
    if column == GRID:
        return names.get(row.grid, row.grid)
    value = getattr(row, column)
    if is_named(kind.name, column):
        return names.get(value, value or "")
    text = shown(kind.by_name[column], plain(value), book)
    if column in _TAGGED and text:
        return tag(text, _TONES.get((column, str(value)), ""))
    if kind.by_name[column].type in _ONE_LINE:
        late = tag("逾期", "bad") if column == "due_on" and is_late(row) else ""
        return format_html('<span class="nowrap">{} {}</span>', text, late)
    return text


def _marks(row: Any) -> SafeString:
    marks = []
    if row.deleted:
        marks.append("已作废")
    elif row.closed_on is not None:
        marks.append("已注销")
    if getattr(row, "duplicate", None):
        marks.append("疑似重复")
    return format_html_join("", ' <span class="tag tag-bad">{}</span>', ((mark,) for mark in marks))
