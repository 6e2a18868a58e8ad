"""A client of the sync protocol as docs/sync-protocol.md describes it, over Django's test client."""

import gzip
import json
from typing import Any

from django.test import Client

from governance.contract import uuid7

JSON = "application/json"


class Tablet:
    """Holds what it pulled, as a real tablet would."""

    def __init__(self, token: str = "token") -> None:
        self.client = Client(headers={"Authorization": f"Token {token}"})
        self.cursor = ""
        self.held: dict[str, dict[str, Any]] = {}

    def push(self, *changes: dict[str, Any]) -> list[dict[str, Any]]:
        """Push changes and give the results."""
        response = self.client.post("/api/v1/sync/push", {"changes": changes}, content_type=JSON)
        assert response.status_code == 200, response.content
        results: list[dict[str, Any]] = response.json()["results"]
        return results

    def pull(self, limit: int = 500) -> list[dict[str, Any]]:
        """Pull until nothing more waits; give all changes."""
        told: list[dict[str, Any]] = []
        more = True
        while more:
            page = self.page(limit)
            assert not page["resync"]
            for item in page["changes"]:
                self.take(item)
            told += page["changes"]
            self.cursor, more = page["cursor"], page["more"]
        return told

    def page(self, limit: int = 500) -> dict[str, Any]:
        """Give one page behind the cursor, without taking it."""
        response = self.client.get("/api/v1/sync/pull", {"cursor": self.cursor, "limit": limit})
        if response.status_code == 204:  # version 2's way to say that nothing is new
            return {"changes": [], "cursor": self.cursor, "more": False, "resync": False}
        assert response.status_code == 200, response.content
        page: dict[str, Any] = response.json()
        return page

    def snapshot(self, cursor: str = "") -> list[dict[str, Any]]:
        """Give the lines of a snapshot."""
        response = self.client.get("/api/v1/sync/snapshot", {"cursor": cursor})
        assert response.status_code == 200
        body = response.getvalue()
        if response.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return [json.loads(line) for line in body.splitlines()]

    def take(self, item: dict[str, Any]) -> None:
        """Lay one change into what is held."""
        if "record" in item:
            self.held[item["id"]] = item
        elif item["kind"] == "grid":
            self.held = {key: held for key, held in self.held.items() if held["grid"] != item["grid"]}
        elif item["gone"] == "deleted" or self.held.get(item["id"], {}).get("grid") == item["grid"]:
            self.held.pop(item["id"], None)

    def kind(self, kind: str) -> list[dict[str, Any]]:
        """Give the held changes of a kind."""
        return [item for item in self.held.values() if item["kind"] == kind]


def offer(kind: str, record: str | None = None, base: int | None = None, **values: Any) -> dict[str, Any]:
    """Make a change in its wire form."""
    return {"change": str(uuid7()), "kind": kind, "id": record or str(uuid7()), "base": base, "set": values}
