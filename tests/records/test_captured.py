"""What a tablet states as the time of a change is shown as evidence, and flagged where it cannot be so."""

from datetime import UTC, datetime

import pytest

from governance.records.models import Inbox
from governance.records.registry.captured import captured_shown

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("captured", "shown"),
    [
        ("2026-11-20T04:00:00Z", "2026-11-20 12:00"),
        ("2036-11-22T04:00:00Z", "2036-11-22 12:00（晚于收到时间，终端时间不准）"),
        ("2024-02-29T04:00:00Z", "2024-02-29 12:00（早于收到时间997天，请核对终端时间）"),
        (None, ""),
    ],
)
def test_a_time_far_from_the_arrival_is_flagged(captured: str | None, shown: str) -> None:
    assert captured_shown(Inbox(captured_at=captured, at=AT)) == shown
