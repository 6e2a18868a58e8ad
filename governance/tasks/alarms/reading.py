"""Reading an alarm as its source sends it: every problem with its field."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from governance.contract import Problem
from governance.records.codes import book
from governance.records.outside import Invalid

MEMBERS = (
    "id", "raised_at", "device", "citizen_number", "lon", "lat", "crs", "address", "signal", "text",
    "category", "caller_name", "caller_phone",
)  # fmt: skip
_TEXTS = {
    "id": 64, "device": 64, "citizen_number": 18, "address": 200, "signal": 30, "text": 2000,
    "category": 4, "caller_name": 50, "caller_phone": 50,
}  # fmt: skip
_AHEAD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Report:
    """An alarm as it was sent.

    Parameters
    ----------
    number : str
        The source's own id of it.
    digest : str
        SHA-256, hex, of all that was sent.
    raised_at : datetime
        When it was raised, UTC; the hub's time where nothing sensible was said.
    device : str
        Number of the call device.
    citizen_number : str
        Whom it is about.
    lon, lat : float, optional
        Where, degrees in ``crs``.
    signal : str
        What kind of alarm it is, such as 跌倒; names no person.
    address, text, category, caller_name, caller_phone : str
        What a hotline was told.
    """

    number: str
    digest: str
    raised_at: datetime
    device: str = ""
    citizen_number: str = ""
    lon: float | None = None
    lat: float | None = None
    crs: str = "4490"
    address: str = ""
    signal: str = ""
    text: str = ""
    category: str = ""
    caller_name: str = ""
    caller_phone: str = ""

    def said(self) -> dict[str, str]:
        """Give what the caller said, for whoever has to find the place by hand."""
        told = {
            "device": self.device,
            "address": self.address,
            "signal": self.signal,
            "text": self.text,
            "category": self.category,
            "caller_name": self.caller_name,
            "caller_phone": self.caller_phone,
        }
        return {name: value for name, value in told.items() if value}


def report_read(body: Mapping[str, Any]) -> Report:
    """Read an alarm.

    Raises
    ------
    Invalid
        In Chinese, by field.
    """
    problems = [*_text_problems(body), *_place_problems(body)]
    category = body.get("category", "")
    known = book().get("event_category", {}).get(category) if isinstance(category, str) else None
    if category and (known is None or known.retired):
        problems.append(Problem("category", "code", "category：不在代码表 event_category 中或已停用"))
    if problems:
        raise Invalid(problems)
    plain = json.dumps(dict(body), sort_keys=True, ensure_ascii=False)
    given = {name: body[name] for name in _TEXTS if name != "id" and name in body}
    return Report(
        number=body["id"],
        digest=hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest(),
        raised_at=_raised_at(body.get("raised_at")),
        lon=body.get("lon"),
        lat=body.get("lat"),
        crs=body.get("crs", "4490"),
        **given,
    )


def _text_problems(body: Mapping[str, Any]) -> list[Problem]:
    found = []
    for name, length in _TEXTS.items():
        value = body.get(name, "")
        lines = "" if name == "id" else "\n"
        odd = not isinstance(value, str) or not value.replace(lines, "").isprintable()
        if odd or len(value) > length:
            found.append(Problem(name, "length", f"{name}：应为最多{length}个字的文字，不含控制字符"))
    if not body.get("id"):
        found.append(Problem("id", "required", "id：必填，对方系统里这次告警的编号"))
    return found


def _place_problems(body: Mapping[str, Any]) -> list[Problem]:
    lon, lat, crs = body.get("lon"), body.get("lat"), body.get("crs", "4490")
    if lon is None and lat is None:
        return []
    whole = all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in (lon, lat))
    if not whole or not (-180 <= float(lon or 0) <= 180 and -90 <= float(lat or 0) <= 90):
        return [Problem("lon", "format", "lon、lat：应一起给出，为十进制度数")]
    if crs not in book().get("crs", {}):
        return [Problem("crs", "code", "crs：应为 4490、4326 或 GCJ02")]
    return []


def _raised_at(text: object) -> datetime:
    """Give the named moment; what is no moment or lies ahead is answered with the hub's own time."""
    now = timezone.now()
    try:
        named = parse_datetime(text) if isinstance(text, str) else None
        if named is None or named.tzinfo is None or named > now + _AHEAD:
            return now
        return named.astimezone(UTC)
    except (ValueError, OverflowError):  # A clock at the beginning of the calendar keeps nobody from coming.
        return now
