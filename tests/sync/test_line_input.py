"""What is typed at a tablet's command line and cannot be meant is said, not passed over."""

import pytest

from tests.sync.tablet_lines import Line


def test_what_is_looked_for_is_checked(first: Line) -> None:
    first("find", "王", "--kind", "nope", code=1)
    assert "没有“nope”这一种类" in first.said
    with pytest.raises(SystemExit, match="2"):
        first("find", "王", "--limit", "0")
