"""A device that is out of use (停用、挂失): what goes at once, what waits until it is safe at the hub."""

from field_app.store.state import UNANSWERED
from field_app.store.store import Store
from field_app.sync.errors import Lost, Retired, Revoked
from field_app.sync.pages import everything_leave
from field_app.sync.photos import photos_leave, photos_waiting


def recalled(*, store: Store, error: Revoked) -> None:
    """Wipe what the hub has; never what it has not.

    A hub restored from an old backup wants answered changes back: a device that is only unknown to the hub
    keeps them, and so does one that is to be handed back, for as long as it has a photo to send. The latter
    keeps all until its drafts are done with, for they hang on what is held.
    """
    if isinstance(error, Retired) and store.memory.drafts:
        return
    everything_leave(store=store)
    photos_leave(store)
    if isinstance(error, Lost):
        _answered_leave(store)


def all_safe(store: Store, error: Revoked) -> bool:
    """Whether nothing is left here that the hub has not, so that key and files may go too."""
    if not isinstance(error, (Retired, Lost)) or store.memory.drafts:
        return False
    return not unsent(store)


def unsent(store: Store) -> bool:
    """Whether the hub has yet to answer something; a revoked tablet still offers that."""
    with store.lock:
        entries = store.memory.entries.values()
        return any(entry.state in UNANSWERED for entry in entries) or bool(photos_waiting(store))


def _answered_leave(store: Store) -> None:
    with store.write() as unit:
        for entry in list(store.memory.entries.values()):
            if entry.state not in UNANSWERED:
                unit.drop_entry(entry.change)
        unit.drop_trails()
