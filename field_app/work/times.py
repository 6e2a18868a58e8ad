"""Days and times for people: Asia/Shanghai (UTC+8, no summer time since 1991)."""

import re
from datetime import date, datetime, timedelta, timezone

from field_app.store.clock import HubClock, text_of

SHANGHAI = timezone(timedelta(hours=8))
_DAY = re.compile(r"([0-9]{4})(?:[-./年]?)([0-9]{1,2})(?:[-./月]?)([0-9]{1,2})日?")
_CLOCK = re.compile(r"([0-9]{1,2})[:：时]([0-9]{1,2})分?")
_WEEK = "一二三四五六日"
_UNITS = ((31_557_600, "年"), (2_629_800, "个月"), (86_400, "天"), (3_600, "小时"), (60, "分钟"))


def today(clock: HubClock) -> date:
    """Give the present day in Shanghai."""
    return clock.now().astimezone(SHANGHAI).date()


def moment_now(clock: HubClock) -> str:
    """Give the present time in UTC, to the second."""
    return text_of(clock.now())


def span_text(seconds: float) -> str:
    """Give a length of time in its two largest units that matter, such as ``9年11个月`` or ``3分钟``."""
    left, parts = int(abs(seconds)), []
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
        if len(parts) == 2 or (parts and not count):
            break
    return "".join(parts) or "不到1分钟"


def moment_text(value: object) -> str:
    """Give a UTC time as ``2026-01-31 08:00`` in Shanghai; empty for anything else."""
    if not isinstance(value, str):
        return ""
    try:
        return datetime.fromisoformat(value).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError):
        return ""


def day_text(day: date) -> str:
    """Give a day as ``11月22日 星期六``."""
    return f"{day.month}月{day.day}日 星期{_WEEK[day.weekday()]}"


def typed_day(text: str) -> str:
    """Read 20260131, 2026-1-31, 2026.1.31 or 2026年1月31日 as a day; gives the text back otherwise."""
    match = _DAY.fullmatch(text.strip())
    if match is None:
        return text.strip()
    year, month, day = match.groups()
    return f"{year}-{int(month):02}-{int(day):02}"


def typed_moment(text: str) -> str:
    """Read a Shanghai day and clock time as UTC; gives the text back otherwise."""
    day, _, clock = text.strip().replace("日 ", "日").replace("日", "日 ").partition(" ")
    match = _CLOCK.fullmatch(clock.strip())
    if match is None:
        return text.strip()
    hour, minute = match.groups()
    try:
        local = datetime.fromisoformat(f"{typed_day(day)}T{int(hour):02}:{int(minute):02}:00+08:00")
    except ValueError:
        return text.strip()
    return text_of(local)
