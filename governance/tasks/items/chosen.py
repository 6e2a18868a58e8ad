"""Targets chosen by a condition (按条件选取): in the rules' own grammar, by the rules' own SQL.

A condition tells its department who meets it. So it may read only what the department's agreements cover,
and never a care register.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from django.db import connection

from governance.contract import KINDS, Kind, Problem
from governance.records.codes import book
from governance.rules import grammar as g
from governance.rules.condition_checks import condition_problems
from governance.rules.conditions import Asked, condition_sql
from governance.rules.contradictions import never_holds
from governance.rules.frames import Frame, household_of, unclosed
from governance.rules.notation import GrammarError, condition_read
from governance.rules.relations import related, resolve, walk
from governance.tasks.items.grants import Grant
from governance.tasks.items.targets import targets_place
from governance.tasks.models import Target, WorkItem
from governance.tasks.selectors import towns
from gridmap.selectors import code_range

_PLACE = "condition"


def targets_choose(item: WorkItem, day: date) -> int:
    """Make a draft's targets anew: everybody in its area who meets the condition today; gives how many.

    Town by town, so that memory does not grow with the city.
    """
    Target.objects.filter(item=item).delete()
    return sum(targets_place(item, _found(item, prefix, day)) for prefix in _areas(item.area))


def chosen_problems(
    condition: Mapping[str, object] | None, subject_kind: str, area: str, grant: Grant
) -> list[Problem]:
    """Say in Chinese what is wrong with a condition, and what of it the department may not ask for."""
    if condition is None:
        return [Problem(_PLACE, "required", "条件：按条件选取对象时必填")]
    kind = KINDS[subject_kind]
    try:
        node = condition_read(dict(condition))
    except GrammarError as error:
        return [Problem(_PLACE, "format", f"条件：{error}")]
    problems = condition_problems(node, kind, book(), place=_PLACE)
    if problems:
        return [Problem(_PLACE, each.code, f"条件：{each.reason}") for each in problems]
    if reason := never_holds(node, kind):
        return [Problem(_PLACE, "never", f"条件：相互矛盾，永远不会成立：{reason}")]
    barred = dict.fromkeys(label for label, ok in _reads(node, kind, area, grant) if not ok)
    return [Problem(_PLACE, "forbidden", f"条件：{label}不在约定的数据项或范围内") for label in barred]


def _areas(area: str) -> list[str]:
    """Give the towns of an area, or the area itself where it is no larger."""
    below = [town for town in towns() if town.startswith(area)]
    return below if below and len(area) < len(below[0]) else [area]


def _found(item: WorkItem, prefix: str, day: date) -> list[tuple[str, str, str]]:
    frame = Frame(KINDS[item.subject_kind], "s")
    such = condition_sql(condition_read(item.condition), frame, Asked(day))
    door = household_of(frame)
    sql = (
        f"SELECT s.id, {door}, s.grid FROM {frame.source}"
        f" WHERE {unclosed('s')} AND s.grid BETWEEN %s AND %s AND ({such.text}) ORDER BY s.grid, s.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*code_range(prefix), *such.values])
        return [(str(id_), str(household or ""), grid) for id_, household, grid in cursor.fetchall()]


def _reads(node: g.Condition, kind: Kind, area: str, grant: Grant) -> Iterator[tuple[str, bool]]:
    """Give what a condition reads, in words, and whether the agreements cover it."""
    if isinstance(node, g.All | g.Any):
        for each in node.of:
            yield from _reads(each, kind, area, grant)
    elif isinstance(node, g.Not):
        yield from _reads(node.of, kind, area, grant)
    elif isinstance(node, g.Count):
        yield from _counts(node, kind, area, grant)
    elif (end := resolve(kind, node.field)) is not None:
        agreed = f"{end.kind.name}.{end.field.name}" in grant.fields and grant.covers(end.kind.name, area)
        yield f"{end.kind.label}的“{end.field.label}”", agreed or end.field.name == "grid"


def _counts(node: g.Count, kind: Kind, area: str, grant: Grant) -> Iterator[tuple[str, bool]]:
    walked = walk(kind, node.base)
    other = related(walked[1], node.relation) if walked else None
    if other is not None:
        yield f"{other.label}的数量", other.right is None and grant.covers(other.name, area)
        if node.where is not None:
            yield from _reads(node.where, other, area, grant)
