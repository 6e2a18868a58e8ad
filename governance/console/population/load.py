"""Storing the synthetic population through the records' services, a grid at a time."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import transaction

from governance.access.actor import HUB, Actor
from governance.access.scope import Scope
from governance.console.population.fill import grid_fill
from governance.console.population.site import Batch, Site
from governance.contract import KINDS, Change, Owner, Status
from governance.records.models import Building
from governance.records.services.apply import changes_apply
from gridmap.drafts import polygon_from_wkb
from gridmap.models import Grid
from gridmap.selectors import grids_in

DEFAULT_SEED = 4205
_SAY_EACH = 10

Say = Callable[[str], None]


class PopulationError(ValueError):
    """The population cannot be stored; the message is Chinese."""


def population_load(*, prefix: str, seed: int, today: date, say: Say = lambda _: None) -> Counter[str]:
    """Fill the current grids below a division with synthetic people, houses, things and firms.

    Each grid is stored in a transaction of its own. One that holds a building already is left
    as it is, so a load that was cut short goes on where it stopped and real records are never
    mixed with invented ones.

    Parameters
    ----------
    prefix : str
        Division or grid code, such as ``420502001``.
    seed : int
    today : date
        The day at which people have their ages, see :func:`population.street`.
    say : callable
        Told about progress, in Chinese.

    Returns
    -------
    Counter
        Kind → records stored now.

    Raises
    ------
    PopulationError
        No grid there, a grid that cannot be filled, or a record that the hub refused.
    """
    grids = list(grids_in(prefix).select_related("community__parent"))
    if not grids:
        raise PopulationError(f"没有编码以 {prefix} 开头的网格，请先导入网格或用 grids_partition --load 生成")
    filled = set(
        Building.objects.filter(grid__in=[grid.code for grid in grids]).values_list("grid", flat=True)
    )
    empty = [grid for grid in grids if grid.code not in filled]
    if len(empty) < len(grids):
        say(f"{len(grids) - len(empty)} 个网格已有数据，保持不变")
    stored: Counter[str] = Counter()
    for number, grid in enumerate(empty, start=1):
        stored += _grid_load(grid, seed, today)
        if number % _SAY_EACH == 0 or number == len(empty):
            say(f"合成人口：{number}/{len(empty)} 个网格，{stored.total()} 条记录")
    return stored


def _grid_load(grid: Grid, seed: int, today: date) -> Counter[str]:
    """Make and store one grid's records, all or none."""
    try:
        batch = grid_fill(_site(grid), seed=seed, today=today)
    except ValueError as error:
        raise PopulationError(str(error)) from error
    actor = replace(
        HUB,
        username="population",
        source=Owner.WORKER.value,
        scope=Scope(frozenset({grid.code})),
        by_hub=False,
        purpose="载入合成人口",
    )
    with transaction.atomic():
        _store(actor, batch.grid, _changes(batch))
    return Counter({kind: len(rows) for kind, rows in batch.rows.items() if rows})


def _site(grid: Grid) -> Site:
    street = grid.community.parent
    return Site(
        code=grid.code,
        kind=grid.kind,
        households=grid.households,
        polygon=polygon_from_wkb(grid.polygon),
        community=grid.community.name,
        street=street.name if street else "",
    )


def _changes(batch: Batch) -> list[Change]:
    """Give one new-record change a row; the record's own id serves as the change's."""
    changes = []
    for kind, rows in batch.rows.items():
        names = KINDS[kind].by_name
        for row in rows:
            uid = UUID(str(row["id"]))
            values = {name: value for name, value in row.items() if name in names}
            changes.append(Change(uid, kind, uid, set=values))
    return changes


def _store(actor: Actor, grid: str, changes: Sequence[Change]) -> None:
    results = changes_apply(actor=actor, changes=changes, action="population")
    for change, result in zip(changes, results, strict=True):
        if result.status is not Status.CREATED:
            reasons = "；".join(problem.reason for problem in result.errors)
            label = KINDS[change.kind].label
            raise PopulationError(f"网格 {grid}：{label}未能保存（{result.status.value}：{reasons}）")
