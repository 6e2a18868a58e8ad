"""Lists of files that two people change (两人同时拍照): the photos of both stay."""

from dataclasses import dataclass, field

from governance.contract import Change
from governance.contract.files import files_join
from governance.records.origins import origin_of
from governance.records.rows import Held


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of a change's lists: fields ``taken`` as they stand now, fields ``full`` to be reviewed.

    ``altered`` says that a list is another than the one offered.
    """

    taken: set[str] = field(default_factory=set)
    full: set[str] = field(default_factory=set)
    altered: bool = False


def lists_join(change: Change, held: Held, values: dict[str, object]) -> Joined:
    """Join the offered lists with the held ones, in place.

    Where the writer does not say what he knew, and someone changed the list after the version he had,
    nothing is taken off. A list that would grow beyond its limit stays as offered and goes to review.

    Parameters
    ----------
    change : Change
    held : Held
    values : dict
        The checked values of the change.
    """
    taken, full, altered = set[str](), set[str](), False
    for item in held.kind.files:
        if item.name not in values:
            continue
        offered, there = _files(values[item.name]), _files(held.values.get(item.name))
        known = (change.known or {}).get(item.name)
        if known is None:
            if origin_of(held.origins, item.name).get("v", 0) <= (change.base or 0):
                continue
            known = []
        whole = files_join(known, offered, there)
        if item.maximum is not None and len(whole) > item.maximum:
            full.add(item.name)
            continue
        taken.add(item.name)
        altered = altered or whole != offered
        values[item.name] = whole or None
    return Joined(taken, full, altered)


def _files(value: object) -> list[str]:
    return [str(file) for file in value] if isinstance(value, list) else []
