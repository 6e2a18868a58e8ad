"""A department in the demonstration (部门系统): its system asks the hub, by its key and for a purpose."""

import json
import urllib.parse
import urllib.request
from typing import Any


def department_ask(
    base: str, path: str, *, key: str, purpose: str, body: dict[str, str] | None = None
) -> Any:
    """Give what ``/api/v1/publish/`` answers; a ``body`` is sent as JSON."""
    request = urllib.request.Request(  # noqa: S310 - the demonstration's own hub
        f"{base}/api/v1/publish/{path}",
        None if body is None else json.dumps(body).encode(),
        {
            "Authorization": f"Key {key}",
            "Content-Type": "application/json",
            "X-Purpose": urllib.parse.quote(purpose),
        },
    )
    with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310 - as above
        return json.load(reply)
