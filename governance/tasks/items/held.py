"""Answers that the base already holds (已有数据): nobody is asked for them again."""

from collections.abc import Collection, Sequence
from typing import Any

from governance.contract.asks import Ask, What, asks_read
from governance.records.models import model_of
from governance.tasks.models import Target

_EMPTY: tuple[object, ...] = (None, "", [])


def fields_asked(asks: str) -> list[Ask]:
    """Give the contract fields that are asked for."""
    return [ask for ask in asks_read(asks) if ask.what is What.FIELD]


def answered(asks: str, subject_kind: str, targets: Sequence[Target]) -> list[Target]:
    """Give the targets for whom everything that is asked is held; none where more than fields is asked.

    Parameters
    ----------
    asks : str
        See :mod:`governance.contract.asks`.
    subject_kind : str
        ``person`` or ``household``.
    targets : sequence of Target
        Of one item; two queries at most, whatever their number.
    """
    wanted = asks_read(asks)
    if any(ask.what is not What.FIELD for ask in wanted):
        return []
    known = values_of(wanted, subject_kind, targets)
    return [target for target in targets if not any(value in _EMPTY for value in known[target.pk].values())]


def values_of(
    asked: Sequence[Ask], subject_kind: str, targets: Sequence[Target]
) -> dict[Any, dict[str, object]]:
    """Give what is held of the fields asked for: a target's key to ``kind.field`` to value, None where empty.

    A closed or withdrawn record holds nothing.
    """
    found: dict[Any, dict[str, object]] = {
        target.pk: dict.fromkeys((str(ask) for ask in asked), None) for target in targets
    }
    for kind in sorted({ask.kind for ask in asked}):
        names = [ask.name for ask in asked if ask.kind == kind]
        ids = {target.pk: _record(kind, subject_kind, target) for target in targets}
        rows = _rows(kind, names, {id_ for id_ in ids.values() if id_})
        for key, id_ in ids.items():
            found[key] |= {f"{kind}.{name}": value for name, value in rows.get(str(id_), {}).items()}
    return found


def _record(kind: str, subject_kind: str, target: Target) -> str:
    return target.subject if kind == subject_kind else target.household


def _rows(kind: str, names: Sequence[str], ids: Collection[str]) -> dict[str, dict[str, object]]:
    if not ids:
        return {}
    rows: Any = model_of(kind)._default_manager.filter(pk__in=ids, deleted=False, closed_on=None)
    return {str(row[0]): dict(zip(names, row[1:], strict=True)) for row in rows.values_list("id", *names)}
