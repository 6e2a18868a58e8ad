"""Numbering from west to east and north to south."""

import pytest

from gridmap.numbering import reading_order
from tests.gridmap.conftest import square


def test_a_lattice_is_read_like_a_page() -> None:
    page = [square(column, row) for row in (2, 1, 0) for column in range(4)]
    assert reading_order(page) == list(range(12))
    assert reading_order(page[::-1]) == list(range(11, -1, -1))


def test_one_row_runs_from_west_to_east() -> None:
    assert reading_order([square(3, 0), square(1, 0), square(2, 0)]) == [1, 2, 0]


def test_one_column_runs_from_north_to_south() -> None:
    assert reading_order([square(0, 0), square(0, 2), square(0, 1)]) == [1, 2, 0]


def test_slightly_different_heights_stay_in_one_row() -> None:
    wavy = [square(0, 0), square(1, 0.2), square(2, 0.1), square(3, 0.3)]
    assert reading_order(wavy) == [0, 1, 2, 3]


@pytest.mark.parametrize("polygons", [[square(0, 0)]])
def test_a_single_grid(polygons: list) -> None:
    assert reading_order(polygons) == [0]
