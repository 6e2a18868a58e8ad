"""A known-wrong hub: it answers a push first and commits it a little later."""

import threading
import time
from collections.abc import Callable, Sequence
from unittest.mock import patch

from django.db import connection, transaction

from governance.access.actor import Actor
from governance.config.web import application
from governance.contract import Change, Result
from governance.sync import push

_LATER = 0.3
_apply: Callable[..., list[Result]] = vars(push)["changes_apply"]


class _Rehearsal(Exception):  # noqa: N818 - it is how the rehearsal ends
    pass


def _hasty(*, actor: Actor, changes: Sequence[Change]) -> list[Result]:
    """Find out what the answers would be, give them, and do it behind the asker's back."""
    results: list[Result] = []
    try:
        with transaction.atomic():
            results = _apply(actor=actor, changes=changes)
            raise _Rehearsal
    except _Rehearsal:
        threading.Thread(target=_later, args=(actor, changes)).start()
    return results


def _later(actor: Actor, changes: Sequence[Change]) -> None:
    time.sleep(_LATER)
    _apply(actor=actor, changes=changes)
    connection.close()


patch.object(push, "changes_apply", _hasty).start()

__all__ = ["application"]
