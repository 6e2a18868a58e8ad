"""What a rule looks at: which kinds, and by which references it came to them from its subject.

A record that changed concerns the subjects at the other end of such a chain; so who has to be looked at
again when a visit, a household or a room changes follows from the rules themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from governance.contract import KINDS, Field, Kind
from governance.rules import grammar as g
from governance.rules.relations import related, resolve, walk


@dataclass(frozen=True, slots=True)
class Step:
    """One reference walked: upwards by a field of ``kind``, or downwards by a relation to it."""

    kind: str
    name: str
    down: bool = False


Chain = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A kind that a rule looks at, reached from its subject by a chain; an empty one is the subject."""

    kind: str
    chain: Chain


def readings(body: g.Body) -> frozenset[Reading]:
    """Give everything that a rule's content looks at."""
    kind = KINDS[body.subject]
    found = {Reading(kind.name, ())}
    for node in (body.who, body.settled):
        if node is not None:
            found.update(_condition(node, kind, ()))
    moment = body.moment
    if isinstance(moment, g.Milestone):
        found.update(_path(moment.field, kind, ()))
    elif isinstance(moment, g.Since):
        found.update(_relation(moment.relation, moment.base, moment.where, kind, ()))
    return frozenset(found)


def kinds_read(body: g.Body) -> list[Kind]:
    """Give the kinds of records that a rule's content looks at, each once."""
    names = {reading.kind for reading in readings(body)}
    return [kind for name, kind in KINDS.items() if name in names]


def _condition(node: g.Condition, kind: Kind, chain: Chain) -> Iterator[Reading]:
    if isinstance(node, g.All | g.Any):
        for each in node.of:
            yield from _condition(each, kind, chain)
    elif isinstance(node, g.Not):
        yield from _condition(node.of, kind, chain)
    elif isinstance(node, g.Count):
        yield from _relation(node.relation, node.base, node.where, kind, chain)
    else:
        yield from _path(node.field, kind, chain)


def _path(path: str, kind: Kind, chain: Chain) -> Iterator[Reading]:
    end = resolve(kind, path)
    if end is not None:
        yield from _up(end.steps, kind, chain)


def _up(steps: tuple[Field, ...], kind: Kind, chain: Chain) -> Iterator[Reading]:
    for step in steps:
        chain = (*chain, Step(kind.name, step.name))
        kind = KINDS[step.target or ""]
        yield Reading(kind.name, chain)


def _relation(
    relation: str, base: str, where: g.Condition | None, kind: Kind, chain: Chain
) -> Iterator[Reading]:
    walked = walk(kind, base)
    if walked is None:
        return
    yield from _up(walked[0], kind, chain)
    for step in walked[0]:
        chain = (*chain, Step(kind.name, step.name))
        kind = KINDS[step.target or ""]
    other = related(kind, relation)
    if other is None:
        return
    chain = (*chain, Step(other.name, relation.partition(".")[2], down=True))
    yield Reading(other.name, chain)
    if where is not None:
        yield from _condition(where, other, chain)
