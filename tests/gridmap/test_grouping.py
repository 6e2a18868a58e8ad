"""Grouping cells into connected parts of given sizes."""

import random
from collections.abc import Iterable

import pytest

from gridmap.partition.grouping import GroupingError, Neighbours, group


def lattice(width: int, height: int, holes: Iterable[int] = ()) -> Neighbours:
    cells = set(range(width * height)) - set(holes)

    def beside(cell: int) -> Iterable[int]:
        column = cell % width
        yield from (cell - width, cell + width)
        yield from [cell - 1] * (column > 0) + [cell + 1] * (column < width - 1)

    return {cell: {other: 1.0 for other in beside(cell) if other in cells} for cell in cells}


def connected(neighbours: Neighbours, cells: Iterable[int]) -> bool:
    left = set(cells)
    queue = [left.pop()]
    while queue:
        reached = left.intersection(neighbours[queue.pop()])
        left -= reached
        queue += reached
    return not left


@pytest.mark.parametrize("seed", range(20))
def test_parts_have_their_sizes_and_hang_together(seed: int) -> None:
    generator = random.Random(seed)
    neighbours = lattice(20, 15, holes=[generator.randrange(300) for _ in range(25)])
    first = max(range(300), key=lambda start: len(reached(neighbours, start)) if start in neighbours else 0)
    cells = reached(neighbours, first)
    sizes = []
    while sum(sizes) < len(cells):
        sizes.append(min(generator.randint(1, 12), len(cells) - sum(sizes)))
    parts = [(f"{place:03d}", size) for place, size in enumerate(sizes)]
    found = group(neighbours, cells, parts)
    assert {code: len(members) for code, members in found.items()} == dict(parts)
    assert sorted(cell for members in found.values() for cell in members) == sorted(cells)
    assert all(connected(neighbours, members) for members in found.values())


def reached(neighbours: Neighbours, start: int) -> set[int]:
    found = {start}
    queue = [start]
    while queue:
        new = set(neighbours[queue.pop()]) - found
        found |= new
        queue += new
    return found


def test_a_dead_end_is_not_torn_off() -> None:
    star = {0: {1: 1.0, 2: 1.0, 3: 1.0, 4: 1.0}, 1: {0: 1.0}, 2: {0: 1.0}, 3: {0: 1.0}, 4: {0: 1.0}}
    found = group(star, range(5), [("a", 1), ("b", 4)])
    assert len(found["a"]) == 1
    assert 0 in found["b"]


def test_what_cannot_be_grouped_is_refused() -> None:
    star = {0: {1: 1.0, 2: 1.0, 3: 1.0}, 1: {0: 1.0}, 2: {0: 1.0}, 3: {0: 1.0}}
    with pytest.raises(GroupingError):
        group(star, range(4), [("a", 2), ("b", 2)])


def test_cells_apart_are_refused() -> None:
    apart: Neighbours = {0: {1: 1.0}, 1: {0: 1.0}, 2: {3: 1.0}, 3: {2: 1.0}}
    with pytest.raises(GroupingError, match="不连片"):
        group(apart, range(4), [("a", 2), ("b", 2)])
