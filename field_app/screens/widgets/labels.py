"""How states are said in a word and a colour (状态标签)."""

from field_app.work.cases import CaseRow
from field_app.work.rows import STATE_LABELS, RecordState

TONES: dict[RecordState, str] = {
    RecordState.HUB: "good",
    RecordState.HERE: "warn",
    RecordState.SENT: "accent",
    RecordState.REFUSED: "bad",
    RecordState.CONTESTED: "warn",
}
"""State → tone of its chip."""

ICONS: dict[str, str] = {
    "building": "building",
    "room": "house",
    "household": "house",
    "person": "person",
    "thing": "thing",
    "organisation": "organisation",
    "event": "event",
    "task": "today",
    "visit": "visit",
    "case": "collect",
    "paper": "edit",
}
"""Kind → icon; care registers have ``care``."""

ELEMENT_ICONS: dict[str, str] = {
    "人": "person",
    "地": "house",
    "物": "thing",
    "事": "event",
    "组织": "organisation",
}
"""Element → icon of its tile."""


def state_chip(state: RecordState) -> tuple[str, str]:
    """Give word and tone of a state; no word when the record is at the hub, as most are."""
    return ("", "plain") if state is RecordState.HUB else (STATE_LABELS[state], TONES[state])


def case_chip(row: CaseRow) -> tuple[str, str]:
    """Give word and tone of a case: how far it is, but first that the hub does not know it yet."""
    chip, tone = state_chip(row.sync)
    return (chip, tone) if chip else (row.state_label, "warn" if row.mine else "plain")


def day_words(day: str) -> str:
    """Say ``2026-11-20`` as 11月20日; anything else as it is."""
    parts = day.split("-")
    return f"{int(parts[1])}月{int(parts[2])}日" if len(parts) == len(("year", "month", "day")) else day


def kind_icon(kind: str) -> str:
    """Give the icon of a kind."""
    return ICONS.get(kind, "care")
