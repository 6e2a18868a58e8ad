"""Known-wrong tablets, that take a broken line for a good one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from field_app.store.state import Entry
from field_app.sync.client import Answer, HubClient, Page
from field_app.sync.errors import SyncError
from governance.contract import Status


@contextmanager
def sent_is_done(epoch: str) -> Iterator[None]:
    """Take a push for done when it was sent, whether an answer came or not."""
    push = HubClient.push

    def believing(client: HubClient, entries: Sequence[Entry]) -> tuple[tuple[Answer, ...], str]:
        try:
            return push(client, entries)
        except SyncError:
            answers = tuple(Answer(entry.change, Status.UPDATED, 1, (), None) for entry in entries)
            return answers, epoch

    with patch.object(HubClient, "push", believing):
        yield


@contextmanager
def cut_wipes(epoch: str) -> Iterator[None]:
    """Wipe what a snapshot did not bring although it broke off."""
    snapshot = HubClient.snapshot

    def hasty(client: HubClient, cursor: str | None) -> Iterator[Page]:
        reached = cursor or ""
        try:
            for page in snapshot(client, cursor):
                reached = page.cursor or reached
                yield page
        except SyncError:
            yield Page((), reached, epoch, end=True)
            raise

    with patch.object(HubClient, "snapshot", hasty):
        yield
