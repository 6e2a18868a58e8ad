"""The code book and the switches, as validation needs them; read again only when changed."""

from collections.abc import Collection
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from governance.contract import CITY, CodeBook, CodeItem
from governance.feed.selectors import heads
from governance.records.models import Code, CodeList, Switch


@dataclass(frozen=True, slots=True)
class Lists:
    """Everything an administrator decides about values: codes, and which switched items are on."""

    book: CodeBook
    switched_on: frozenset[str]


class _Cache:
    def __init__(self) -> None:
        self._lock = Lock()
        self._held: tuple[int, Lists] | None = None

    def get(self, stamp: int) -> Lists:
        with self._lock:
            if self._held is None or self._held[0] != stamp:
                self._held = (stamp, _read())
            return self._held[1]

    def forget(self) -> None:
        with self._lock:
            self._held = None


_cache = _Cache()


def lists() -> Lists:
    """Give code book and switches; costs one look-up of the city's stream when nothing changed."""
    return lists_at(heads([CITY])[CITY])


def lists_at(number: int) -> Lists:
    """Give code book and switches where the city's stream stands at ``number``."""
    return _cache.get(number)


def lists_forget() -> None:
    """Forget what is held, as when the database was put back to an earlier state."""
    _cache.forget()


def _read() -> Lists:
    book: dict[str, dict[str, CodeItem]] = {
        name: {} for name in CodeList.objects.values_list("id", flat=True)
    }
    for list_id, code, label, retired in Code.objects.values_list("list_id", "code", "label", "retired"):
        book[list_id][code] = CodeItem(code, label, retired)
    on = Switch.objects.filter(on=True).values_list("field", flat=True)
    return Lists(book, frozenset(on))


def book() -> CodeBook:
    """Give the code book."""
    return lists().book


def switches_on() -> frozenset[str]:
    """Give the ``kind.field`` names that the city switched on."""
    return lists().switched_on


@dataclass(frozen=True, slots=True)
class Told:
    """A code list or switch as tablets receive it."""

    uid: UUID
    version: int
    record: dict[str, object]


def codelist_records(ids: Collection[UUID] | None = None) -> list[Told]:
    """Give code lists for the tablets, all or those with the ids."""
    chosen = CodeList.objects.prefetch_related("codes").order_by("id")
    if ids is not None:
        chosen = chosen.filter(uid__in=ids)
    return [
        Told(
            row.uid,
            row.version,
            {
                "list": row.id,
                "label": row.label,
                "standard": row.standard,
                "items": [[code.code, code.label, code.retired] for code in row.codes.all()],
            },
        )
        for row in chosen
    ]


def switch_records(ids: Collection[UUID] | None = None) -> list[Told]:
    """Give switches for the tablets, all or those with the ids."""
    chosen = Switch.objects.order_by("field")
    if ids is not None:
        chosen = chosen.filter(uid__in=ids)
    return [Told(row.uid, row.version, {"field": row.field, "on": row.on}) for row in chosen]
