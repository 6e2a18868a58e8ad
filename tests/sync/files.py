"""A tus client as docs/sync-protocol.md describes it, over Django's test client."""

import base64
import hashlib
from typing import Any

from django.test import Client

from governance.contract import uuid7

TYPE = "application/offset+octet-stream"
ROUTE = "/api/v1/files/"


def metadata(**told: str) -> str:
    """Give the header ``Upload-Metadata``."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def check(data: bytes, algorithm: str = "sha256") -> str:
    """Give the header ``Upload-Checksum``."""
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


class Sender:
    """A tablet that sends files."""

    def __init__(self, token: str = "token") -> None:
        self.client = Client(headers={"Authorization": f"Token {token}", "Tus-Resumable": "1.0.0"})

    def begin(self, data: bytes, id_: str | None = None, *, length: int | None = None, **told: str) -> Any:
        """Begin an upload with the metadata a tablet gives."""
        told = {"id": id_ or str(uuid7()), "sha256": sha256(data), "filename": "照片.jpg", **told}
        headers = {
            "Upload-Length": str(len(data) if length is None else length),
            "Upload-Metadata": metadata(**{key: value for key, value in told.items() if value}),
        }
        return self.client.post(ROUTE, headers=headers)

    def patch(self, id_: str, offset: int, data: bytes, **headers: str) -> Any:
        """Send bytes at an offset."""
        more = {"CONTENT_TYPE": TYPE, "CONTENT_LENGTH": str(len(data))}  # said of an empty body too
        return self.client.generic(
            "PATCH", ROUTE + id_, data, headers={"Upload-Offset": str(offset), **headers}, **more
        )

    def head(self, id_: str) -> Any:
        return self.client.head(ROUTE + id_)

    def get(self, id_: str, what: str = "") -> Any:
        return self.client.get(ROUTE + id_ + what)

    def whole(self, data: bytes, id_: str | None = None, **told: str) -> str:
        """Send a file in one go; give its id."""
        response = self.begin(data, id_, **told)
        assert response.status_code == 201, response.content
        made: str = response["Location"].removeprefix(ROUTE)
        done = self.patch(made, 0, data)
        assert (done.status_code, done["Upload-Offset"]) == (204, str(len(data))), done.content
        return made
