"""What this room tells the rooms above (通知): the audit listens, nothing else is decided here."""

from typing import Any

from django.dispatch import Signal

from governance.access.actor import Actor

happened = Signal()
"""Sent within the transaction of what happened, with ``actor``, ``action``, ``username`` and ``detail``."""


def tell(actor: Actor, action: str, username: str, **detail: Any) -> None:
    """Send :data:`happened`.

    Parameters
    ----------
    actor : Actor
        Who did it.
    action : str
        Such as ``device.enrol``.
    username : str
        Whose account, post, device or right it concerns.
    **detail
        JSON values; never passwords or tokens.
    """
    happened.send(sender=Actor, actor=actor, action=action, username=username, detail=detail)
