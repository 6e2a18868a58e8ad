"""What a tablet says of itself, as it travels."""

from datetime import date
from uuid import UUID

import pytest

from governance.contract.report import TabletReport, report_read

SAID = "v=0.1.0;unsent=3;oldest=2026-11-20;files=2;free=11520;used=40;clock=1795305600"
WHOLE = TabletReport("0.1.0", 3, date(2026, 11, 20), 2, 11520, 40, 1795305600, UUID(int=7))


def test_it_comes_back_as_it_was_said() -> None:
    text = WHOLE.as_header()
    assert text == f"{SAID};was=00000000-0000-0000-0000-000000000007"
    assert report_read(text) == WHOLE
    assert report_read(TabletReport(unsent=0).as_header()) == TabletReport(unsent=0)


@pytest.mark.parametrize(
    "text",
    ["", ";;;=;", "unsent", "unsent=", "unsent=-1", "unsent=1.5", "unsent=١", "oldest=yesterday", "v=\x00",
     "free=" + "9" * 400, "oldest=2026-13-40", "was=me", ";" * 10_000, "colour=red;size=3"],
)  # fmt: skip
def test_what_cannot_be_read_was_not_said(text: str) -> None:
    assert report_read(text) == TabletReport()


def test_the_rest_is_read_all_the_same() -> None:
    assert report_read("unsent=x; free=7 ;new=1;oldest=2026-02-30;clock=5") == TabletReport(free=7, clock=5)
