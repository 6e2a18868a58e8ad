"""A request's JSON taken apart unread, so that what one change holds spoils none beside it.

A reader refuses the whole text for NaN, half a surrogate pair, a number of thousands of digits or brackets
a thousand deep. Here only strings, brackets and commas are looked at.
"""

import json
import re
from itertools import pairwise

_SIGNS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{},]', re.DOTALL)
_MEMBER = re.compile(rb'\s*("[^"\\]*(?:\\.[^"\\]*)*")\s*:(.*)', re.DOTALL)
_CLOSED_BY = {b"[": b"]", b"{": b"}"}
_BLANK = b" \t\r\n"


def items_of(data: bytes) -> list[bytes] | None:
    """Split an array into its items; None where it is none."""
    return _parts(data, b"[")


def member_of(data: bytes, name: str) -> bytes | None:
    """Give a member of an object, the last one of that name; None where there is no object or member."""
    found = None
    for part in _parts(data, b"{") or ():
        member = _MEMBER.fullmatch(part)
        if member is None:
            return None
        if _text(member[1]) == name:
            found = member[2]
    return found


def _parts(data: bytes, bracket: bytes) -> list[bytes] | None:
    """Split what stands between a pair of brackets at its commas; None where they do not match."""
    data = data.strip(_BLANK)
    if not data.startswith(bracket):
        return None
    waiting: list[bytes] = []
    cuts = [0]
    for sign in _SIGNS.finditer(data):
        said, inner = sign[0], len(waiting) > 1
        if said in _CLOSED_BY:
            waiting.append(_CLOSED_BY[said])
        elif said == b",":
            cuts += [] if inner else [sign.start()]
        elif said in (b"]", b"}"):
            if waiting.pop() != said:
                return None
            if not waiting:
                return _between(data, [*cuts, sign.start()]) if sign.end() == len(data) else None
        elif said == b'"':  # a string without an end
            return None
    return None


def _between(data: bytes, cuts: list[int]) -> list[bytes] | None:
    parts = [data[start + 1 : end].strip(_BLANK) for start, end in pairwise(cuts)]
    if parts == [b""]:
        return []
    return parts if all(parts) else None


def _text(quoted: bytes) -> str:
    try:
        return str(json.loads(quoted))
    except ValueError:
        return ""
