"""When a change was made, by its tablet's own clock (现场时间): evidence, flagged where it cannot be so."""

from datetime import datetime, timedelta

from django.utils import timezone

from governance.records.models.history import Trail

EARLY = timedelta(days=60)
"""Longer before its arrival nobody works without network."""

LATE = timedelta(minutes=10)
"""A change cannot be made after it arrived; clocks may differ by this much."""


def captured_shown(row: Trail) -> str:
    """Give the time a tablet stated, with a remark where it lies far from the change's arrival."""
    if not row.captured_at:
        return ""
    captured = datetime.fromisoformat(row.captured_at)
    shown = f"{timezone.localtime(captured):%Y-%m-%d %H:%M}"
    apart = captured - row.at
    if apart > LATE:
        return f"{shown}（晚于收到时间，终端时间不准）"
    if -apart > EARLY:
        return f"{shown}（早于收到时间{-apart.days}天，请核对终端时间）"
    return shown
