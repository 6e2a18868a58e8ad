"""Refusals of this room (拒绝); each knows its HTTP status and protocol code (docs/sync-protocol.md)."""

from governance.contract import Problem


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault
    """Base of all refusals; ``reason`` is Chinese, for people.

    ``status`` is the HTTP status, ``code`` the protocol's word, ``wait`` the seconds after which
    it is worth trying again (0 where waiting does not help), ``problems`` what exactly is wrong.
    """

    status = 403
    code = "forbidden"
    problems: tuple[Problem, ...] = ()

    def __init__(self, reason: str, *, wait: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


class Forbidden(Refused):
    """The actor may not do this (无权限)."""


class CredentialsWrong(Refused):
    """User name or password is wrong, or the account is not in use (账号或密码错误)."""

    status = 401
    code = "credentials"


class TokenUnknown(Refused):
    """No such device token, or the device or its worker's account is no longer in use (令牌无效)."""

    status = 401
    code = "token"


class DeviceRetired(TokenUnknown):
    """The device is out of use, but may still hand in its unsent work (终端停用待交回)."""

    code = "retired"


class DeviceLost(TokenUnknown):
    """The device was reported lost: nothing is taken from it, and it is to wipe what the hub has (挂失)."""

    code = "lost"


class DeviceLimit(Refused):
    """The worker has as many active tablets as he may have (终端数已满)."""

    status = 409
    code = "device_limit"


class Throttled(Refused):
    """Too many requests or failed sign-ins; try again after ``wait`` seconds (操作过于频繁)."""

    status = 429
    code = "throttled"


class NotPossible(Refused):
    """The wish contradicts what stands, such as a second main worker of a grid (不能办理)."""

    status = 400
    code = "state"
