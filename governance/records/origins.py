"""Where each value of a record comes from (数据来源), kept beside the record.

A list of groups, newest last: ``{"v": version, "s": source, "u": user id, "d": device,
"t": UTC time, "ok": verified, "f": [fields]}``. The first group has no ``f`` and speaks for
all fields that no later group names: most records are written once, by one person.
"""

from collections.abc import Iterable, Sequence
from typing import TypedDict

from governance.access.actor import Actor


class Origin(TypedDict, total=False):
    """One group; see the module."""

    v: int
    s: str
    u: int | None
    d: str | None
    t: str
    ok: bool
    f: list[str]


def origin_make(actor: Actor, version: int, time: str, *, verified: bool) -> Origin:
    """Make the group of one change, still without fields."""
    origin = Origin(v=version, s=actor.source, u=actor.user_id, d=actor.device_key, t=time)
    if verified:
        origin["ok"] = True
    return origin


def origin_of(origins: Sequence[Origin], field: str) -> Origin:
    """Give the group that speaks for a field; an empty one where nothing is known."""
    for origin in origins[1:]:
        if field in origin["f"]:
            return origin
    return origins[0] if origins else Origin()


def origins_stamp(origins: Sequence[Origin], fields: Iterable[str], new: Origin) -> list[Origin]:
    """Give the groups after ``new`` took over the fields."""
    taken = set(fields)
    if not origins:
        return [new]
    kept = [origins[0]]
    for origin in origins[1:]:
        rest = [name for name in origin["f"] if name not in taken]
        if rest:
            kept.append({**origin, "f": rest})
    return [*kept, {**new, "f": sorted(taken)}]
