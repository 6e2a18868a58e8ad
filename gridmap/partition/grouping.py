"""Grouping of neighbouring cells into connected divisions of given sizes."""

import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate

Neighbours = Mapping[int, Mapping[int, float]]
"""Cell → neighbouring cell → distance."""


TRIES = 24
"""How many other cells to start from, beside the two far ends, where these do not lead anywhere."""


class GroupingError(ValueError):
    """Cells do not hang together, so no connected groups exist; the message is Chinese."""


def group(
    neighbours: Neighbours, cells: Collection[int], parts: Sequence[tuple[str, int]]
) -> dict[str, list[int]]:
    """Divide connected cells into connected parts of exactly the given sizes, by halving again and again.

    Where a half cannot be divided further, because it is narrow, another way of halving is tried.

    Parameters
    ----------
    neighbours : mapping
        The whole county's cells.
    cells : collection of int
        The cells to divide.
    parts : sequence of (code, size)
        Sizes sum to the number of cells; codes that follow each other come to lie together.

    Returns
    -------
    dict
        Code → cells.

    Raises
    ------
    GroupingError
        The cells do not hang together, or are too narrow for these sizes.
    """
    if len(parts) == 1:
        return {parts[0][0]: sorted(cells)}
    sums = list(accumulate(size for _, size in parts))
    middle = min(range(1, len(parts)), key=lambda cut: abs(2 * sums[cut - 1] - sums[-1]))
    for near, far in _halvings(neighbours, frozenset(cells), sums[middle - 1]):
        try:
            return group(neighbours, near, parts[:middle]) | group(neighbours, far, parts[middle:])
        except GroupingError:
            continue
    raise GroupingError("区域过于狭窄，无法归并成连片的社区")


def _halvings(
    neighbours: Neighbours, inside: frozenset[int], size: int
) -> Iterator[tuple[set[int], set[int]]]:
    """Give ways to divide cells into ``size`` connected ones and the others, connected too; best first."""
    one, other = _ends(neighbours, inside)
    for start in dict.fromkeys((one, other, *sorted(inside)[:TRIES])):
        halves = _halves(neighbours, inside, start, size)
        if halves is not None:
            yield halves


def _halves(
    neighbours: Neighbours, inside: frozenset[int], start: int, size: int
) -> tuple[set[int], set[int]] | None:
    """Grow ``size`` cells away from ``start``; give back as many as the pockets that they cut off."""
    key = _outwards(neighbours, inside, start)
    near = _grown(neighbours, inside, start, key, size)
    far = set(inside - near)
    for pocket in sorted(_components(neighbours, far), key=len)[:-1]:
        near |= pocket
        far -= pocket
    while len(near) > size:
        given = _spare(neighbours, near, far, key)
        if given is None:
            return None
        near.remove(given)
        far.add(given)
    return near, far


def _ends(neighbours: Neighbours, inside: frozenset[int]) -> tuple[int, int]:
    """Find the two cells that are farthest from each other, the smaller number first."""
    one = min(inside)
    distances = _distances(neighbours, one, inside)
    if len(distances) < len(inside):
        raise GroupingError("区域不连片，无法归并")
    reach = 0.0
    while max(distances.values()) > reach * (1 + 1e-9):
        reach = max(distances.values())
        other = one
        one = max(distances, key=lambda cell: (distances[cell], -cell))
        distances = _distances(neighbours, one, inside)
    return min(one, other), max(one, other)


def _outwards(neighbours: Neighbours, inside: frozenset[int], start: int) -> dict[int, float]:
    """Say how far out from ``start`` each cell lies: its way to the start less its way to the far end.

    The difference, and not the first alone, makes the dividing line run across and not around.
    """
    near = _distances(neighbours, start, inside)
    far = _distances(neighbours, max(near, key=lambda cell: (near[cell], -cell)), inside)
    return {cell: near[cell] - far[cell] for cell in inside}


def _distances(neighbours: Neighbours, start: int, inside: frozenset[int]) -> dict[int, float]:
    """Measure the shortest ways from one cell to all others without leaving ``inside`` (Dijkstra)."""
    found: dict[int, float] = {}
    queue = [(0.0, start)]
    while queue:
        distance, cell = heapq.heappop(queue)
        if cell in found:
            continue
        found[cell] = distance
        for other, step in neighbours[cell].items():
            if other in inside and other not in found:
                heapq.heappush(queue, (distance + step, other))
    return found


def _grown(
    neighbours: Neighbours, inside: frozenset[int], start: int, key: Mapping[int, float], size: int
) -> set[int]:
    """Grow from ``start``, always taking the adjoining cell with the smallest key."""
    found: set[int] = set()
    queue = [(key[start], start)]
    while len(found) < size:
        cell = heapq.heappop(queue)[1]
        if cell in found:
            continue
        found.add(cell)
        for other in neighbours[cell]:
            if other in inside and other not in found:
                heapq.heappush(queue, (key[other], other))
    return found


def _components(neighbours: Neighbours, cells: Collection[int]) -> list[set[int]]:
    """Divide cells into those that hang together."""
    left = set(cells)
    found = []
    while left:
        queue = [min(left)]
        left.discard(queue[0])
        component = set(queue)
        while queue:
            reached = left.intersection(neighbours[queue.pop()])
            left -= reached
            component |= reached
            queue.extend(reached)
        found.append(component)
    return found


def _spare(neighbours: Neighbours, near: set[int], far: set[int], key: Mapping[int, float]) -> int | None:
    """Find the cell of ``near`` that borders on ``far``, is farthest out and tears nothing apart."""
    rim = [cell for cell in near if not far.isdisjoint(neighbours[cell])]
    for cell in sorted(rim, key=lambda cell: (-key[cell], cell)):
        if len(_components(neighbours, near - {cell})) == 1:
            return cell
    return None
