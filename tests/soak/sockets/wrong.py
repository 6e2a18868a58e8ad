"""A known-wrong tablet: a change gets a new id each time it is sent."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

from field_app.store.state import Entry
from field_app.sync.client import Answer, HubClient
from governance.contract import uuid7


@contextmanager
def fresh_ids() -> Iterator[None]:
    """Send changes under new ids while the block runs; the answers are taken for the old ones."""
    push = HubClient.push

    def fresh(client: HubClient, entries: Sequence[Entry]) -> tuple[tuple[Answer, ...], str]:
        answers, epoch = push(client, [replace(entry, change=str(uuid7())) for entry in entries])
        kept = zip(answers, entries, strict=True)
        return tuple(replace(answer, change=entry.change) for answer, entry in kept), epoch

    with patch.object(HubClient, "push", fresh):
        yield
