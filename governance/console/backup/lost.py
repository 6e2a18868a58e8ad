"""What people did at the hub after the backup that was put back (补做清单); see docs/design/restore.md.

Tablets send their own changes again, and rules make their tasks again. What staff and departments did, and
what came from tablets that are out of use and hold it no more, is known only to the data that the restore
set aside; from there it is listed for those who do it anew.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction

from governance.access.actor import HUB
from governance.audit.services import audit_append
from governance.console.backup import postgresql, sqlite
from governance.console.backup.errors import BackupError
from governance.contract import CITY, KINDS, CodeBook, Field, Owner
from governance.records.codes import book
from governance.records.registry.values import full, local, source_label

HEADINGS = ("时间", "账号", "身份", "操作", "种类", "记录编号", "网格或区划", "内容")
_CHANGE = ("at", "user", "source", "status", "kind", "record", "grid", "device", "change")
_LINK = (
    "at",
    "actor_id",
    "username",
    "source",
    "action",
    "kind",
    "subject",
    "scope",
    "detail",
    "device_id",
    "subjects",
)
_STATUS = {"created": "新登记", "updated": "修改", "merged": "合并修改", "contested": "修改（部分待核）"}
_WAITING = {"rejected": "报送未采纳", "contested": "报送待核"}
"""What is said of a change of which nothing was applied."""
_READING = {
    "pull", "snapshot", "list", "read", "report", "reports", "results", "preview", "thumb",
    "reveal", "phone", "file", "receipt", "login", "logout", "fail", "lock",
}  # fmt: skip
"""Last words of the audit's actions that change nothing."""
_TOLD = {
    "push", "console", "population", "inbox.apply", "verify.accept", "tasks.make", "tasks.assign",
    "tasks.take_back", "tasks.settle", "desk.report", "help.report", "cases.step",
}  # fmt: skip
"""The audit's actions by which people change records: each change stands in the history."""
_CALL = "alarms.event"
"""The audit's action by which a caller's report comes in as an event."""
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Lost:
    """One line of the list, in the words of the console."""

    at: datetime
    username: str
    source: str
    action: str
    kind: str
    record: str
    grid: str
    content: str


def lost_list(file: Path, to: Path) -> int:
    """Write what the data set aside hold and the hub has not, as CSV for a spreadsheet; give the lines.

    The file can be read by its owner alone: it has people's data in full.

    Raises
    ------
    BackupError
        The one file cannot be read, or the other is there already or cannot be written.
    """
    (sqlite if connection.vendor == "sqlite" else postgresql).database_check(file)
    links = _rows(file, "audit_auditentry", _LINK, "hash")
    devices = _rows(file, "access_device", ("id", "revoked_at"))
    gone = {UUID(str(device["id"])) for device in devices if device["revoked_at"] is not None}
    rows = [*_rows(file, "records_history", (*_CHANGE, "set"), "change"), *_waiting(file)]
    changes = [row for row in rows if not row["device"] or UUID(str(row["device"])) in gone]
    names = {link["actor_id"]: str(link["username"]) for link in links if link["actor_id"] is not None}
    told = _changes(changes, names, _called_in(links), _reviewed(file), book())
    lines = [*told, *_acts(links, book())]
    with transaction.atomic():
        audit_append(
            actor=HUB,
            action="hub.lost",
            chain=CITY,
            count=len(lines),
            detail={"file": file.name, "to": to.name},
        )
        _write(to, lines)
    return len(lines)


def _rows(file: Path, table: str, names: tuple[str, ...], missing: str = "") -> list[Row]:
    store = sqlite if connection.vendor == "sqlite" else postgresql
    return [dict(zip(names, row, strict=True)) for row in store.rows_kept(file, table, names, missing)]


def _waiting(file: Path) -> list[Row]:
    """Give the changes of which nothing was applied, for somebody to decide; staff were told of a refusal."""
    return [
        {**row, "status": _WAITING[str(row["status"])], "set": row["offered"]}
        for row in _rows(file, "records_inbox", (*_CHANGE, "offered", "settled_at"), "change")
        if row["settled_at"] is None and row["status"] in (_WAITING if row["device"] else ("contested",))
    ]


def _reviewed(file: Path) -> dict[str, Row]:
    """Give by change the values that were under review."""
    found: dict[str, Row] = {}
    for row in _rows(file, "records_contested", ("change", "field", "offered", "settled_at"), "change"):
        if row["settled_at"] is None:
            found.setdefault(str(row["change"]), {})[str(row["field"])] = _json(row["offered"])
    return found


def _called_in(links: list[Row]) -> set[str]:
    """Give the events that callers reported; those that a visit led to come again with it."""
    told = [_json(link["subjects"]) for link in links if link["action"] == _CALL]
    return {str(event) for events in told if isinstance(events, list) for event in events}


def _changes(
    rows: list[Row], names: dict[object, str], called_in: set[str], reviewed: dict[str, Row], codes: CodeBook
) -> Iterator[Lost]:
    """Give the changes of records, but for those that the hub made by itself."""
    for row in rows:
        reported = row["status"] == "created" and str(row["record"]) in called_in
        if row["source"] == Owner.HUB and row["user"] is None and not reported:
            continue
        content = _content(str(row["kind"]), _json(row["set"]), codes)
        if row["status"] == "contested" and (late := reviewed.get(str(row["change"]))):
            content += f"；待核：{_content(str(row['kind']), late, codes)}"
        yield Lost(
            _time(row["at"]),
            names.get(row["user"], str(row["user"] or "")),
            source_label(str(row["source"]), codes),
            _STATUS.get(str(row["status"]), str(row["status"])),
            _kind(row["kind"]),
            str(row["record"]),
            str(row["grid"]),
            content,
        )


def _acts(links: list[Row], codes: CodeBook) -> Iterator[Lost]:
    """Give what else was done, as the audit tells it: rules, posts, items, keys and the like."""
    for link in links:
        action = str(link["action"])
        reading = action.rpartition(".")[2] in _READING
        if link["device_id"] or link["username"] == HUB.username or action in _TOLD or reading:
            continue
        yield Lost(
            _time(link["at"]),
            str(link["username"]),
            source_label(str(link["source"]), codes),
            action,
            _kind(link["kind"]),
            str(link["subject"] or ""),
            str(link["scope"]),
            json.dumps(_json(link["detail"]), ensure_ascii=False),
        )


def _content(kind: str, values: object, codes: CodeBook) -> str:
    """Give all values that were set, in words and in full; nothing set is a record made void or moved."""
    fields = KINDS[kind].by_name if kind in KINDS else {}
    told = []
    for name, value in values.items() if isinstance(values, dict) else ():
        item = fields.get(name)
        told.append(f"{item.label}：{_value(item, value, codes)}" if item else f"{name}：{value}")
    return "；".join(told) or "（作废或迁移）"


def _value(item: Field, value: object, codes: CodeBook) -> str:
    try:
        return full(item, value, codes)
    except (OverflowError, ValueError):  # what was refused may be no moment at all
        return str(value)


def _kind(name: object) -> str:
    kind = KINDS.get(str(name))
    return kind.label if kind else str(name)


def _json(value: object) -> object:
    return json.loads(value) if isinstance(value, str) else value


def _time(value: object) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _write(to: Path, lines: list[Lost]) -> None:
    try:
        to.touch(mode=0o600, exist_ok=False)
        with to.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(HEADINGS)
            for line in sorted(lines, key=lambda line: line.at):
                writer.writerow((local(line.at.isoformat()), *astuple(line)[1:]))
    except FileExistsError as error:
        raise BackupError(f"{to} 已存在，不覆盖") from error
    except OSError as error:
        raise BackupError(f"{to} 写不成：{error}") from error
