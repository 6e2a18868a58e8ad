"""Known-wrong hubs."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from uuid import uuid5

from django.db import connection

from governance.access.scope import Scope
from governance.contract import CITY
from governance.records.services import apply, decide, inbox, trail
from governance.records.services.file_lists import Joined
from governance.sync import pull, views
from governance.verify import services
from tests.soak.world import plug
from tests.soak.world.wrong import patched_all

Wrong = AbstractContextManager[None]


def ack_before_commit() -> Wrong:
    """The answer goes out although the transaction never committed."""
    run, decided = vars(apply)["_in_one_transaction"], vars(apply)["_apply"]
    last: list[Any] = []

    def remembered(*arguments: Any) -> Any:
        last[:] = [decided(*arguments)]
        return last[0]

    def hasty(*arguments: Any) -> Any:
        try:
            return run(*arguments)
        except plug.HubDied:
            connection.run_on_commit = []
            return apply.Applied(last[0])

    return patched_all((apply, "_apply", remembered), (apply, "_in_one_transaction", hasty))


def no_change_id() -> Wrong:
    """The hub does not know again a change that it has answered, and its history takes no offence."""
    upsert = vars(trail)["rows_upsert"]

    def lenient(model: Any, rows: Any, *, conflict: tuple[str, ...], keep: bool = False) -> None:
        upsert(model, rows, conflict=conflict or ("change",), keep=keep or not conflict)

    return patched_all((apply, "answers", lambda *_: {}), (trail, "rows_upsert", lenient))


def whole_record_replaced() -> Wrong:
    """A change on a stale base replaces the whole record instead of its own fields."""
    divide = vars(decide)["_divide"]

    def replaced(actor: Any, change: Any, held: Any, differing: Any, joined: Any) -> Any:
        taken, contests = divide(actor, change, held, differing, joined)
        if (change.base or 0) < held.version:
            others = {"note", "workplace", "unit", "address"} & held.values.keys() - change.set.keys()
            taken |= dict.fromkeys(others)
        return taken, contests

    return patched_all((decide, "_divide", replaced))


def photos_overwritten() -> Wrong:
    """The last one to change a list of photos says what it holds."""

    def as_offered(_: Any, held: Any, values: Any) -> Joined:
        return Joined({item.name for item in held.kind.files if item.name in values})

    return patched_all((decide, "lists_join", as_offered))


def contested_overwrites() -> Wrong:
    """A value under dispute overwrites the one held."""
    return patched_all((decide, "_contest", lambda *_: None))


def base_ignored() -> Wrong:
    """Every change counts as made on the record as it stands."""
    update = vars(decide)["_update"]

    def blind(state: Any, actor: Any, lists: Any, change: Any, held: Any, now: Any) -> Any:
        return update(state, actor, lists, replace(change, base=held.version), held, now)

    return patched_all((decide, "_update", blind))


def scope_not_checked() -> Wrong:
    """Any tablet may write in any grid."""
    return patched_all((Scope, "covers", lambda *_: True))


def gone_dropped() -> Wrong:
    """Pulls carry no word of records that are gone."""
    lines = vars(pull)["entry_lines"]

    def silent(grid: Any, entries: Any) -> list[bytes]:
        return [b"" if b'"gone":' in line else line for line in lines(grid, entries)]

    return patched_all((pull, "entry_lines", silent))


def moved_not_told() -> Wrong:
    """The grid that a record has left is not told."""
    append = vars(apply)["feed_append"]

    def half(heads: Any, items: Any, by: str = "") -> None:
        append(heads, [item for item in items if item.gone != "moved"], by)

    return patched_all((apply, "feed_append", half))


def grid_left_not_told() -> Wrong:
    """A tablet is not told that a grid is no longer its worker's."""
    left = vars(pull)["_left"]

    def silent(*arguments: Any) -> list[bytes]:
        left(*arguments)
        return []

    return patched_all((pull, "_left", silent))


def bulk_not_told() -> Wrong:
    """What is written at the hub itself does not reach the feed."""
    write = vars(apply)["_write"]

    def quiet(actor: Any, *arguments: Any) -> None:
        if actor.device_id is None:
            with patched_all((apply, "feed_append", lambda *_, **__: None)):
                write(actor, *arguments)
        else:
            write(actor, *arguments)

    return patched_all((apply, "_write", quiet))


def children_left() -> Wrong:
    """What hangs on a record that moves stays behind."""
    return patched_all((apply, "children_follow", lambda *_: None))


def refused_not_kept() -> Wrong:
    """A refused change leaves no trace."""
    upsert = vars(trail)["rows_upsert"]

    def forgetful(model: Any, rows: Any, **options: Any) -> None:
        upsert(model, [row for row in rows if row.get("status") != "rejected"], **options)

    return patched_all((trail, "rows_upsert", forgetful))


def contested_not_kept() -> Wrong:
    """A value that went to review is nowhere to be found."""
    return patched_all((trail, "_contested", lambda *_: []))


def head_read_last() -> Wrong:
    """A snapshot reads the stream's number after the records."""

    def lines(actor: Any, kinds: Any, cursor: Any, streams: list[str]) -> Iterator[bytes]:
        for grid in streams:
            if grid == CITY:
                yield vars(pull)["city_chunk"]()
            else:
                yield from vars(pull)["_grid_chunks"](actor, grid, kinds)
            cursor.seqs[grid] = vars(pull)["heads"]([grid])[grid]
            yield f'{{"cursor":"{cursor}"}}\n'.encode()
        yield f'{{"cursor":"{cursor}","end":true}}\n'.encode()

    return patched_all((pull, "_snapshot_lines", lines))


def cut_goes_on() -> Wrong:
    """A cut snapshot is begun anew without a word where the rights are others now."""
    begin, known = vars(pull)["snapshot_read"], vars(pull)["_cursor"]

    def silent(actor: Any, text: str) -> Any:
        with patched_all((pull, "_cursor", lambda *told: known(*told) or vars(pull)["_fresh"](*told[1:]))):
            return begin(actor, text)

    return patched_all((views, "snapshot_read", silent))


def late_work_overwrites() -> Wrong:
    """What staff take out of the inbox counts as its sender's last word, whatever he wrote since."""
    return patched_all((inbox, "_written_since", lambda rows: dict.fromkeys((row.pk for row in rows), ())))


def late_work_twice() -> Wrong:
    """What staff take out of the inbox is applied under two ids."""
    offered = vars(inbox)["_offered"]

    def twice(*arguments: Any) -> Any:
        with patched_all((inbox, "_taken_as", lambda row: uuid5(row.change, "twice"))):
            offered(*arguments)
        return offered(*arguments)

    return patched_all((inbox, "_offered", twice))


def accepted_not_written() -> Wrong:
    """A value that staff accept stays unwritten."""
    return patched_all((services, "_accept", lambda *_: None))


def second_report_mixed() -> Wrong:
    """Of a second report what the first left empty is taken."""
    divide = vars(decide)["_divide"]

    def mixed(actor: Any, change: Any, held: Any, *others: Any) -> Any:
        loose = replace(held, kind=replace(held.kind, report=()))
        return divide(actor, change, loose, *others)

    return patched_all((decide, "_divide", mixed))
