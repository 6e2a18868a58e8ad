"""What one link of an audit chain (审计链) is made of, and its hash."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

HASHED = (
    "chain",
    "seq",
    "at",
    "actor_id",
    "username",
    "device_id",
    "source",
    "action",
    "kind",
    "subject",
    "subjects",
    "scope",
    "count",
    "purpose",
    "address",
    "detail",
)
"""Columns of an entry that its hash covers, beside the hash before it."""

_PLAIN = (str, int, float, list, dict)
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode

FIRST = "0" * 64
"""What stands for the hash before the first link."""


def plain(value: Any) -> Any:
    """Give a JSON value that either database returns as it was stored.

    Whole floats become integers, NUL and lone surrogates become U+FFFD, dates and UUIDs strings.

    Raises
    ------
    ValueError
        For NaN and infinity.
    TypeError
        For what JSON cannot hold.
    """
    return _steady(json.loads(json.dumps(value, cls=DjangoJSONEncoder, allow_nan=False)))


def clean(text: str, length: int) -> str:
    """Give a text that either database can store in a column of ``length`` characters."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")[:length]


def _steady(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value, len(value))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_steady(item) for item in value]
    if isinstance(value, dict):
        return {clean(key, len(key)): _steady(item) for key, item in value.items()}
    return value


def link_halves(columns: Mapping[str, Any]) -> tuple[str, str]:
    """Give the canonical JSON of a link's columns before and after the value of ``seq``.

    Canonical: keys sorted, no spaces, UTF-8, times in UTC with microseconds.
    """
    before = _encode({name: _canonical(columns[name]) for name in HASHED if name < "seq"})
    after = _encode({name: _canonical(columns[name]) for name in HASHED if name > "seq"})
    return f'{before[:-1]},"seq":', f",{after[1:]}"


def link_hash(previous: str, columns: Mapping[str, Any]) -> str:
    """Give the hash of a link: SHA-256 (hex) over the hash before it and its canonical JSON."""
    before, after = link_halves(columns)
    return hashlib.sha256(f"{previous}{before}{columns['seq']}{after}".encode()).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if value is None or isinstance(value, _PLAIN):
        return value
    return str(value)
