"""A known-wrong hub: it answers a push first and commits it a little later."""

import threading
import time
from collections.abc import Sequence
from unittest.mock import patch

from django.db import connection, transaction

from governance.access.actor import Actor
from governance.config.web import application
from governance.contract import Change
from governance.records.services.apply import Applied, batch_apply
from governance.sync import push

_LATER = 0.3


class _Rehearsal(Exception):  # noqa: N818 - it is how the rehearsal ends
    pass


def _hasty(actor: Actor, changes: Sequence[Change]) -> Applied:
    """Find out what the answers would be, give them, and do it behind the asker's back."""
    applied = Applied([])
    try:
        with transaction.atomic():
            applied = batch_apply(actor, changes)
            raise _Rehearsal
    except _Rehearsal:
        threading.Thread(target=_later, args=(actor, changes)).start()
    return applied


def _later(actor: Actor, changes: Sequence[Change]) -> None:
    time.sleep(_LATER)
    batch_apply(actor, changes)
    connection.close()


patch.object(push, "batch_apply", _hasty).start()

__all__ = ["application"]
