"""Replacing the grids of communities as a whole."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import shapely
from django.db import transaction
from django.utils import timezone
from shapely import Polygon

from gridmap.coverage import wide
from gridmap.drafts import GridDraft, polygon_from_wkb, polygon_to_wkb
from gridmap.measure import areas_m2, label_points
from gridmap.models import (
    Division,
    Grid,
    GridPast,
    GridSuccession,
    Level,
    SuccessionCause,
    grid_uid,
)
from gridmap.services.alignment import MapError, aligned
from gridmap.services.stamp import stamp_lock, stamp_next

BATCH = 500
"""Rows in one statement."""

_STATE = ("name", "kind", "households", "polygon", "source", "valid_from", "valid_to", "version")
_MEASURES = ("min_lon", "min_lat", "max_lon", "max_lat", "label_lon", "label_lat", "area_m2")


@dataclass(slots=True)
class Replaced:
    """What :func:`grids_replace` did, by grid codes."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)


@transaction.atomic
def grids_replace(
    *, drafts: Sequence[GridDraft], communities: Collection[str] | None = None, day: date | None = None
) -> Replaced:
    """Make these the current grids of their communities; other grids there are closed.

    A grid whose name, kind, households or polygon differ gets a new version, its former state is kept.
    A closed grid's successors are the new or changed grids that lie on its area.

    Parameters
    ----------
    drafts : sequence of GridDraft
        Codes differ; polygons are valid and in EPSG:4490.
    communities : collection of str, optional
        The communities that the drafts are the whole of; by default those that drafts lie in.
    day : date, optional
        First day on which this holds; today by default.

    Raises
    ------
    MapError
        Doubled, closed or foreign code, unknown community, or overlapping polygons. Nothing is written.
    """
    day = day or timezone.localdate()
    stamp_lock()
    places = set(communities) if communities is not None else {draft.community for draft in drafts}
    stored = {grid.code: grid for grid in Grid.objects.filter(community_id__in=places)}
    _codes_check(drafts, places, stored)
    wanted = {draft.code: draft for draft in drafts}
    leaving = [code for code, grid in stored.items() if grid.valid_to is None and code not in wanted]
    fitted, touched = aligned({code: draft.polygon for code, draft in wanted.items()}, leaving)
    done = Replaced(closed=sorted(leaving))
    for code, draft in wanted.items():
        _sort_in(done, replace(draft, polygon=fitted[code]), stored.get(code))
    writing = [*done.created, *done.changed]
    days_check([stored[code] for code in (*leaving, *done.changed)], day)
    if not (writing or leaving or touched):
        return done
    number = stamp_next()
    past_keep([stored[code] for code in done.changed], day)
    rows = [
        grid_row(replace(wanted[code], polygon=fitted[code]), day, number, stored.get(code))
        for code in writing
    ]
    rows_write(rows)
    vertices_add(touched, number)
    _close(leaving, stored, {code: fitted[code] for code in writing}, day, number)
    return done


def _codes_check(drafts: Sequence[GridDraft], places: set[str], stored: Mapping[str, Grid]) -> None:
    known = set(
        Division.objects.filter(level=Level.COMMUNITY, code__in=places).values_list("code", flat=True)
    )
    seen: set[str] = set()
    for draft in drafts:
        if draft.code in seen:
            raise MapError(f"网格编码 {draft.code} 重复")
        if draft.community not in known:
            raise MapError(f"网格 {draft.code} 所属社区 {draft.community} 不存在或不在本次范围内")
        if draft.code in stored and stored[draft.code].valid_to is not None:
            raise MapError(f"网格编码 {draft.code} 已停用，不能再用")
        seen.add(draft.code)


def _sort_in(done: Replaced, draft: GridDraft, stored: Grid | None) -> None:
    if stored is None:
        done.created.append(draft.code)
    elif _facts(stored) == (draft.name, draft.kind, draft.households, polygon_to_wkb(draft.polygon)):
        done.unchanged.append(draft.code)
    else:
        done.changed.append(draft.code)


def _facts(grid: Grid) -> tuple[object, ...]:
    return grid.name, grid.kind, grid.households, bytes(grid.polygon)


def grid_row(draft: GridDraft, day: date, number: int, stored: Grid | None = None) -> Grid:
    """Make the row of a grid that holds from ``day``; measures are filled in by :func:`rows_write`."""
    return Grid(
        code=draft.code,
        uid=grid_uid(draft.code),
        community_id=draft.community,
        name=draft.name,
        kind=draft.kind,
        households=draft.households,
        polygon=polygon_to_wkb(draft.polygon),
        source=draft.source,
        valid_from=day,
        version=1 if stored is None else stored.version + 1,
        stamp=number,
    )


def rows_write(rows: Sequence[Grid]) -> None:
    """Write new and changed grids with box, label point and area taken from their polygons."""
    if not rows:
        return
    polygons = [polygon_from_wkb(row.polygon) for row in rows]
    boxes, labels, areas = shapely.bounds(polygons), label_points(polygons), areas_m2(polygons)
    for row, box, label, area in zip(rows, boxes.tolist(), labels.tolist(), areas.tolist(), strict=True):
        row.min_lon, row.min_lat, row.max_lon, row.max_lat = box
        row.label_lon, row.label_lat = label
        row.area_m2 = round(area, 1)
    Grid.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[*_STATE, *_MEASURES, "stamp"],
    )


def days_check(grids: Iterable[Grid], day: date) -> None:
    """Refuse a day before a grid's own first day.

    Raises
    ------
    MapError
        Names the first such grid.
    """
    for grid in grids:
        if day < grid.valid_from:
            raise MapError(f"日期 {day} 早于网格 {grid.code} 的启用日期 {grid.valid_from}")


def past_keep(grids: Iterable[Grid], day: date) -> None:
    """Keep the states that grids had until ``day``."""
    GridPast.objects.bulk_create(
        [
            GridPast(
                code=grid.code,
                **{name: getattr(grid, name) for name in _STATE} | {"valid_to": day},
            )
            for grid in grids
        ],
        batch_size=BATCH,
    )


def vertices_add(polygons: Mapping[str, Polygon], number: int) -> None:
    """Store polygons that only got vertices of a new neighbour: told anew, but no new version or history."""
    rows = [
        Grid(code=code, polygon=polygon_to_wkb(polygon), stamp=number) for code, polygon in polygons.items()
    ]
    Grid.objects.bulk_update(rows, ["polygon", "stamp"], batch_size=BATCH)


def _close(
    leaving: Sequence[str], stored: Mapping[str, Grid], new: Mapping[str, Polygon], day: date, number: int
) -> None:
    grids_close(leaving, day, number)
    codes = list(new)
    tree = shapely.STRtree([new[code] for code in codes])
    pairs = []
    for code in leaving:
        polygon = polygon_from_wkb(stored[code].polygon)
        near = [codes[place] for place in tree.query(polygon, predicate="intersects")]
        shared = wide([polygon.intersection(new[other]) for other in near])
        pairs += [(code, other) for other, real in zip(near, shared, strict=True) if real]
    succession_keep(pairs, day, SuccessionCause.REDRAW)


def grids_close(codes: Collection[str], day: date, number: int) -> None:
    """Close grids from ``day``: they stay readable, their codes are never used again."""
    Grid.objects.filter(code__in=codes).update(valid_to=day, stamp=number)


def succession_keep(pairs: Iterable[tuple[str, str]], day: date, cause: SuccessionCause) -> None:
    """Keep which grid (first) gave way to which (second)."""
    GridSuccession.objects.bulk_create(
        [GridSuccession(predecessor=old, successor=new, day=day, cause=cause) for old, new in pairs],
        batch_size=BATCH,
    )
