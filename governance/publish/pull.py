"""What a department pulls: verified records as they stand, and word of those it no longer gets.

Each entry of the feed is answered with the state its record is in when the page is read, never with what the
entry said. So it does not matter in which order the two entries of a record that changed grids were numbered,
and whatever changes later has a later number.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID
from zlib import crc32

from django.db import connection, transaction

from governance.access.actor import Actor
from governance.access.errors import Forbidden
from governance.access.policy import check_can
from governance.audit.services import audit_append
from governance.contract import CITY
from governance.feed.bulk import among
from governance.feed.models import Counter, Entry
from governance.feed.selectors import entries_numbered_after, epoch
from governance.feed.services import entries_number
from governance.publish.catalogue import published
from governance.publish.models import Agreement
from governance.records.codes import switches_on
from governance.records.models import History, model_of
from governance.records.outside import Malformed
from governance.records.rows import record_sql
from governance.records.services.decide import VERIFIED

MAX_PAGE = 1000
_CURSOR = re.compile(r"([0-9a-f]{1,32}~[0-9]{1,18}~[0-9]{1,18}(?:~[0-9a-f]{8})?)~([0-9]{1,18})")
_ROUNDS = 20


@dataclass(slots=True)
class Page:
    """One answer: change lines and the records they are about, the cursor behind them."""

    lines: list[str] = field(default_factory=list)
    subjects: list[UUID] = field(default_factory=list)
    cursor: str | None = None
    more: bool = False
    resync: bool = False

    def as_bytes(self) -> bytes:
        """Give the interface's JSON."""
        cursor = f'"{self.cursor}"' if self.cursor else "null"
        flags = f'"more":{str(self.more).lower()},"resync":{str(self.resync).lower()}'
        return f'{{"changes":[{",".join(self.lines)}],"cursor":{cursor},{flags}}}'.encode()


def page_read(*, actor: Actor, agreement: Agreement, cursor: str, limit: int) -> Page:
    """Give the next page of an agreement's changes and enter in the audit whose data it held.

    Parameters
    ----------
    actor : Actor
        The department's.
    agreement : Agreement
        In force.
    cursor : str
        What the last page gave; empty for the beginning.
    limit : int
        Changes at most.

    Raises
    ------
    Malformed
        Where the cursor is not one.
    Forbidden
        Without the ability ``pull_published``, or where none of the agreed items may go out at present.
    """
    check_can(actor, "pull_published")
    fields = published(agreement.fields, agreement.kind, switches_on())
    mark = f"{epoch()}~{agreement.pk}~{agreement.version}~{_said(fields)}"
    number = _start(mark, cursor)
    if number is None:
        return Page(resync=True)
    if not fields:
        raise Forbidden("约定的数据项目前均未启用")
    backlog = _catch_up()
    top = Counter.objects.filter(name="entries").values_list("value", flat=True).first() or 0
    entries = list(entries_numbered_after(number, agreement.kind, [agreement.area], limit))
    page = _answered(agreement, fields, list(dict.fromkeys(entry.record for entry in entries)))
    full = len(entries) == limit
    last = entries[-1].number or 0 if entries else 0
    page.cursor = f"{mark}~{last if full else max(number, top, last)}"
    page.more = full or backlog
    if page.subjects:
        _trace(actor, agreement, page)
    return page


def _said(fields: Collection[str]) -> str:
    """Tell one set of items from another: what was pulled while one was switched off lacks its values."""
    return f"{crc32(' '.join(sorted(fields)).encode()):08x}"


def _start(mark: str, text: str) -> int | None:
    """Give the number to read on from; None where another epoch, agreement or set of items gave it."""
    if not text:
        return 0
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise Malformed("游标无法识别")
    return int(match[2]) if match[1] == mark else None


def _catch_up() -> bool:
    """Number what was committed since; say whether some of it still waits."""
    before = -1
    for _ in range(_ROUNDS):
        if not Entry.objects.filter(number=None).exists():
            return False
        last = entries_number()
        if last == before:  # What is left is held by writers who have not committed.
            return False
        before = last
    return True


def _answered(agreement: Agreement, fields: frozenset[str], records: Sequence[UUID]) -> Page:
    page = Page()
    rows = _rows(agreement.kind, fields, [str(record) for record in records])
    left = [id_ for id_, row in rows.items() if row.gone(agreement.area) == "unverified"]
    once = _once_verified(left)
    for record in records:
        row = rows[str(record)]
        gone = row.gone(agreement.area)
        if gone == "unverified" and str(record) not in once:
            continue
        body = f'"gone":"{gone}"' if gone else f'"record":{row.body}'
        page.lines.append(f'{{"id":"{record}","version":{row.version},{body}}}')
        page.subjects.append(record)
    return page


@dataclass(frozen=True, slots=True)
class _Row:
    version: int
    grid: str
    verified: bool
    deleted: bool
    closed: bool
    body: str

    def gone(self, area: str) -> str:
        """Say why the record is not the department's; empty where it is."""
        if not self.verified:
            return "unverified"
        if self.deleted:
            return "deleted"
        if not self.grid.startswith(area):
            return "moved"
        return "closed" if self.closed else ""


def _rows(kind: str, fields: frozenset[str], ids: Sequence[str]) -> dict[str, _Row]:
    """Read records with the agreed items alone, as JSON that the database builds."""
    if not ids:
        return {}
    where, parameters = among("t.id", ids, "uuid")
    body = record_sql(kind, connection.vendor, fields)
    columns = f"t.id, t.version, t.grid, t.verification, t.deleted, t.closed_on, {body}"
    table = model_of(kind)._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {columns} FROM "{table}" t WHERE {where}', parameters)
        return {
            str(id_): _Row(version, grid, code == VERIFIED, bool(deleted), closed is not None, text)
            for id_, version, grid, code, deleted, closed, text in cursor.fetchall()
        }


def _once_verified(ids: Collection[str]) -> set[str]:
    """Give those that were verified before, which a department may therefore hold."""
    if not ids:
        return set()
    rows = History.objects.filter(record__in=ids, before__verification=VERIFIED)
    return {str(record) for record in rows.values_list("record", flat=True)}


def _trace(actor: Actor, agreement: Agreement, page: Page) -> None:
    with transaction.atomic():
        audit_append(
            actor=actor,
            action="publish.pull",
            kind=agreement.kind,
            subjects=page.subjects,
            scope=agreement.area,
            detail={"agreement": agreement.pk, "version": agreement.version},
            chain=CITY,
        )
