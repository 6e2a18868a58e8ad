"""Cutting a grid along a drawn line."""

import pytest

from gridmap.cutting import parts_cut
from gridmap.drafts import GridDraft
from gridmap.services import MapError, Part, grid_split
from tests.gridmap.conftest import ONE, SOUTH, STEP, WEST

pytestmark = pytest.mark.django_db

CUT = WEST + 1.25 * STEP
BELOW, ABOVE = (CUT, SOUTH + 0.5 * STEP), (CUT, SOUTH + 2.5 * STEP)


def test_a_line_across_gives_two_parts_that_make_up_the_grid(town: list[GridDraft]) -> None:
    parts = parts_cut(f"{ONE}002", [BELOW, ABOVE])
    assert [round(part.area / STEP**2, 3) for part in parts] == [0.25, 0.75]
    west, east = grid_split(code=f"{ONE}002", parts=[Part(part, 1) for part in parts])
    assert (west.code, east.code) == (f"{ONE}005", f"{ONE}006")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ([BELOW], "至少要有两个不同的点"),
        ([BELOW, BELOW], "至少要有两个不同的点"),
        ([BELOW, (CUT, SOUTH + 1.5 * STEP)], "两端应在网格边界上"),
        ([(WEST - STEP, SOUTH), (WEST - STEP, SOUTH + 3 * STEP)], "没有把网格分开"),
    ],
)
def test_a_line_that_does_not_cut_is_refused(
    town: list[GridDraft], line: list[tuple[float, float]], reason: str
) -> None:
    with pytest.raises(MapError, match=reason):
        parts_cut(f"{ONE}002", line)


def test_only_a_grid_in_force_is_cut(town: list[GridDraft]) -> None:
    with pytest.raises(MapError, match="不存在或已停用"):
        parts_cut(f"{ONE}099", [BELOW, ABOVE])
