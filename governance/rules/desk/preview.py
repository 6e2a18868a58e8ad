"""The preview of a rule before it is stored (规则预览): how many, where, who for example, what changes."""

from collections import defaultdict
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from governance.access.actor import Actor
from governance.audit.services import audit_append
from governance.contract import CITY, KINDS, Problem
from governance.records.codes import book
from governance.records.models import model_of
from governance.rules.checks import body_problems, is_mass, reach_problem
from governance.rules.desk import figures
from governance.rules.desk.areas import with_areas
from governance.rules.desk.services import check_author
from governance.rules.desk.takers import with_takers
from governance.rules.grammar import Body
from governance.rules.models import RuleVersion, VersionState
from governance.rules.notation import as_json
from governance.rules.reads import kinds_read
from governance.rules.selectors import subjects_count
from governance.rules.wording import describe_body
from gridmap.models import Grid

FEW = 10
"""Below so many, the number alone could point at somebody."""

_SAMPLE = 8
_MOST_PLACES = 2_000
_COMMUNITY = 12


@transaction.atomic
def preview(*, actor: Actor, body: Body, day: date, code: str = "") -> dict[str, Any]:
    """Tell what a rule would do on a day, past or to come, as JSON; the sample is masked and leaves a trace.

    Parameters
    ----------
    actor : Actor
        Its purpose goes into the audit.
    body : Body
    day : date
        Asia/Shanghai.
    code : str
        The rule whose version in force on that day it is compared with.

    Raises
    ------
    Forbidden
        Unless the actor may write rules.
    """
    check_author(actor)
    wrong, content = body_problems(body, book()), as_json(body)
    told: dict[str, Any] = {
        "day": day.isoformat(),
        "lines": describe_body(body, with_takers(with_areas(book(), content), content)),
    }
    if wrong:
        return told | {"problems": [_placed(problem) for problem in wrong]}
    hidden = [kind.label for kind in kinds_read(body) if not actor.may_read(kind.name) and kind.right]
    other = version_on(code, day) if code and not hidden else None
    named = _SAMPLE if actor.may_read(body.subject) and not hidden else 0
    found = figures.touched(body, day, most=named, other=other.body if other else None)
    numbers, shown = found.numbers, found.sample
    total, among = sum(numbers.values()), figures.residents()
    told |= {"residents": among, "mass": is_mass(total, among), "kind": KINDS[body.subject].label}
    if odd := reach_problem(total, among if body.subject == "person" else subjects_count(body.subject)):
        told["problems"] = [_placed(odd)]
    if hidden:
        names = "、".join(hidden)
        told["hidden"] = f"您没有“{names}”的权限，只显示全市合计"
        told["total"] = total if total == 0 or total >= FEW else f"少于{FEW}"
        _trace(actor, body, day, code, [])
        return told
    if other is not None and found.change is not None:
        told["change"] = {"number": other.number, **asdict(found.change)}
    told |= {
        "total": total,
        "divisions": {level: figures.by_division(numbers, "", level) for level in (3, 4, 5)},
        "places": _places(numbers),
        "sample": _sample(body.subject, shown),
    }
    _trace(actor, body, day, code, [id_ for id_, _, _ in shown])
    return told


def _placed(problem: Problem) -> dict[str, str]:
    return {"place": f"content.{problem.field}", "reason": problem.reason}


def version_on(code: str, day: date) -> RuleVersion | None:
    """Give a rule's version in force on a day."""
    held = Q(valid_to=None) | Q(valid_to__gte=day)
    rows = RuleVersion.objects.filter(held, rule=code, state=VersionState.ACTIVE, valid_from__lte=day)
    return rows.order_by("-number").first()


def _places(numbers: dict[str, int]) -> dict[str, Any]:
    """Give the counts as points: one a grid, one a community where there are very many."""
    rows = [(lon, lat, name, number) for lon, lat, name, number in figures.places(numbers)]
    if len(rows) > _MOST_PLACES:
        rows = _joined(numbers)
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "properties": {"name": name, "number": number},
        }
        for lon, lat, name, number in rows
    ]
    return {"type": "FeatureCollection", "features": features}


def _joined(numbers: dict[str, int]) -> list[tuple[float, float, str, int]]:
    """Put the grids of a community together in the middle of their label points."""
    points: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for code, lon, lat in Grid.objects.filter(valid_to=None).values_list("code", "label_lon", "label_lat"):
        if code in numbers:
            points[code[:_COMMUNITY]].append((lon, lat))
    found = []
    for code, name, number in figures.by_division(numbers, "", 5):
        held = points.get(code)
        if held:
            lon = sum(point[0] for point in held) / len(held)
            lat = sum(point[1] for point in held) / len(held)
            found.append((lon, lat, name, number))
    return found


def _sample(kind: str, shown: list[tuple[Any, date, date]]) -> list[list[str]]:
    rows = model_of(kind)._default_manager.in_bulk([id_ for id_, _, _ in shown])
    grids = {row.grid for row in rows.values()}
    names = dict(Grid.objects.filter(code__in=grids).values_list("code", "name"))
    found = []
    for id_, opens, due in shown:
        row = rows.get(id_)
        if row is not None:
            found.append([str(row), names.get(row.grid, row.grid), opens.isoformat(), due.isoformat()])
    return found


def _trace(actor: Actor, body: Body, day: date, code: str, subjects: list[Any]) -> None:
    audit_append(
        actor=actor,
        action="rules.preview",
        kind=body.subject,
        subjects=subjects,
        scope=CITY,
        count=len(subjects),
        chain=CITY,
        detail={"rule": code, "day": day.isoformat()},
    )
