"""What can go wrong with the store; messages are Chinese and meant for people."""

# ruff: noqa: N818 - outcomes that people are told of, named as such

from field_app.errors import TabletError


class StoreError(TabletError):
    """The store cannot do it; what was stored before still stands."""


class FolderBusy(StoreError):
    """Another process has the folder open."""


class NotEnrolled(StoreError):
    """There is no store in the folder yet."""


class WrongPin(StoreError):
    """The PIN is wrong.

    Parameters
    ----------
    left : int
        Tries left.
    wait : int
        Seconds until the next try is taken.
    """

    def __init__(self, left: int, wait: int) -> None:
        text = f"PIN 不对，还可试{left}次"
        super().__init__(text + (f"，请等{wait}秒再试" if wait else ""))
        self.left = left
        self.wait = wait


class TooSoon(StoreError):
    """A try came before the delay after wrong ones was over; it was not counted."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"输错次数较多，请等{wait}秒再试")
        self.wait = wait


class LockedOut(StoreError):
    """All tries are used up; only the hub's password gives new ones."""

    def __init__(self) -> None:
        super().__init__("PIN 输错次数已满，请联网用平台密码重新登记本机")
