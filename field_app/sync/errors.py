"""Why a sync stopped; every message is Chinese, and nothing local is lost by any of them."""

# ruff: noqa: N818 - outcomes that people are told of, named as such

from collections.abc import Sequence

from field_app.errors import TabletError
from governance.contract import Problem


class SyncError(TabletError):
    """The sync stopped; unsent work stays on the tablet.

    ``untaken`` says that the hub took nothing of the request, for sure; ``wait`` how many seconds the
    hub asked to be left alone.
    """

    untaken = False
    wait = 0.0


class Offline(SyncError):
    """The hub cannot be reached, or the connection broke: the hub may have what was sent."""


class Unreached(Offline):
    """No connection came about: nothing left the tablet."""

    untaken = True


class Answered(SyncError):
    """The hub answered that it takes nothing of the request."""

    untaken = True


class HubTrouble(SyncError):
    """Something answered, but not as the protocol says (5xx, a captive portal, a proxy)."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


class BadCredentials(Answered):
    """User name or password wrong."""


class Revoked(Answered):
    """The device's token is not valid any more: enrol anew.

    ``epoch`` is that of the hub which says so, empty where it is not known.
    """

    epoch = ""


class Retired(Revoked):
    """The hub wants the device back: it still takes unsent work, then everything here is to be wiped."""


class Lost(Revoked):
    """The device was reported lost: the hub takes nothing, and what it has is to be wiped here."""


class Wiped(SyncError):
    """Everything on the tablet was wiped, because the hub wants the device back or it was lost."""


class Forbidden(Answered):
    """The account may not do this."""


class DeviceLimit(Answered):
    """The worker has another active tablet."""


class TooOld(Answered):
    """The hub no longer speaks with a program as old as this one."""


class BundleError(SyncError):
    """A bundle or receipt cannot be made, read or written; what is held stays as it was.

    ``untaken`` is false where something may have been left behind that somebody could hand in.
    """

    untaken = True


class Throttled(Answered):
    """Too many requests; ``wait`` seconds to go."""

    def __init__(self, reason: str, wait: float) -> None:
        super().__init__(reason)
        self.wait = wait


class TooLarge(Answered):
    """The push has to be split."""


class Malformed(Answered):
    """The hub could not read the request; nothing of it was stored."""

    def __init__(self, reason: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(reason)
        self.problems = tuple(problems)
