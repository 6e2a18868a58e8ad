"""How the hub in memory words what it tells and answers."""

import copy

Json = dict[str, object]


def unforeseen(offered: Json, stored: Json) -> Json | None:
    """Give what was stored where the tablet cannot tell it from what it offered."""
    if all(offered.get(name) == value for name, value in stored.items()):
        return None
    return {name: copy.deepcopy(value) for name, value in stored.items() if value is not None}


def gone_line(kind: str, id: str, version: int, grid: str, gone: str) -> Json:
    return {"kind": kind, "id": id, "version": version, "grid": grid, "gone": gone}


def rejected(field: str, code: str, reason: str) -> Json:
    return {"status": "rejected", "errors": [{"field": field, "code": code, "reason": reason}]}
