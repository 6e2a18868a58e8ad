"""Why a sync stopped; every message is Chinese, and nothing local is lost by any of them."""

# ruff: noqa: N818 - outcomes that people are told of, named as such

from collections.abc import Sequence

from field_app.errors import TabletError
from governance.contract import Problem


class SyncError(TabletError):
    """The sync stopped; unsent work stays on the tablet."""


class Offline(SyncError):
    """The hub cannot be reached, or the connection broke."""


class HubTrouble(SyncError):
    """Something answered, but not as the protocol says (5xx, a captive portal, a proxy)."""


class BadCredentials(SyncError):
    """User name or password wrong."""


class Revoked(SyncError):
    """The device's token is not valid any more: enrol anew."""


class Forbidden(SyncError):
    """The account may not do this."""


class DeviceLimit(SyncError):
    """The worker has another active tablet."""


class TooOld(SyncError):
    """The hub no longer speaks with a program as old as this one."""


class Throttled(SyncError):
    """Too many requests; ``wait`` seconds to go."""

    def __init__(self, reason: str, wait: float) -> None:
        super().__init__(reason)
        self.wait = wait


class TooLarge(SyncError):
    """The push has to be split."""


class Malformed(SyncError):
    """The hub could not read the request; nothing of it was stored."""

    def __init__(self, reason: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(reason)
        self.problems = tuple(problems)
