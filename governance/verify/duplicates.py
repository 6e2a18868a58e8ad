"""Which open records share a number, and whose flag is therefore to be set or taken away."""

from collections import Counter
from collections.abc import Collection
from uuid import UUID, uuid5

from governance.contract import Change
from governance.records.models import History, model_of
from governance.records.services.duplicates import FLAG, number_field

_NAMESPACE = UUID("8f0d3a52-6a7b-5d4e-9b1c-420500000070")


def flags_to_change(kind: str, records: Collection[str]) -> tuple[list[Change], set[str]]:
    """Give the changes of flags that some changed records make necessary, and the grids they touch.

    All open records with a number that one of these has or had are looked at, wherever they lie.

    Parameters
    ----------
    kind : str
    records : collection of str
        Ids of records that changed, in whatever state they are now.
    """
    field = number_field(kind)
    if field is None:
        return [], set()
    model = model_of(kind)
    rows = (
        model._default_manager.filter(deleted=False)
        .filter(**{"closed_on": None, f"{field}__in": _numbers(kind, field, records)})
        .values_list("id", "version", "grid", field, FLAG)
    )
    open_ = list(rows)
    count = Counter(number for *_, number, _ in open_)
    changes, grids = [], set()
    for id_, version, grid, number, flagged in open_:
        shared = count[number] > 1
        if shared != bool(flagged):
            changes.append(_change(kind, id_, version, shared))
            grids.add(grid)
    return changes, grids


def _numbers(kind: str, field: str, records: Collection[str]) -> set[str]:
    """Give the numbers that records have, or had before one of their changes."""
    now = model_of(kind)._default_manager.filter(pk__in=records, **{f"{field}__isnull": False})
    numbers = set(now.values_list(field, flat=True))
    once = History.objects.filter(record__in=records, before__has_key=field).values_list("before", flat=True)
    return numbers | {before[field] for before in once if before[field]}


def _change(kind: str, id_: UUID, version: int, shared: bool) -> Change:
    name = f"{FLAG}:{id_}:{version}:{shared}"
    return Change(uuid5(_NAMESPACE, name), kind, id_, version, {FLAG: True if shared else None})
