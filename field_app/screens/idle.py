"""Locking a tablet that lies unused (自动锁屏)."""

from collections.abc import Callable

from kivy.clock import Clock
from kivy.core.window import Window

from field_app.ports.clock import uptime

_LOOK_EVERY = 5.0
_SIGNS = ("on_touch_down", "on_key_down", "on_textinput")
"""That somebody is there; Chinese that a keyboard on the screen hands over is neither touch nor key."""


class IdleWatch:
    """Calls ``lock`` when nobody touched screen or keys, or typed, for ``limit`` seconds.

    Parameters
    ----------
    limit : float
        Seconds.
    lock : callable
        What is done then.
    now : callable
        A clock in seconds that no setting moves and that also runs while the device sleeps.
    """

    def __init__(
        self, limit: float, lock: Callable[[], object], *, now: Callable[[], float] = uptime
    ) -> None:
        self._limit, self._lock, self._now = limit, lock, now
        self._last = now()
        Window.bind(**dict.fromkeys(_SIGNS, self.touched))
        self._event = Clock.schedule_interval(lambda _: self.look(), _LOOK_EVERY)

    def touched(self, *_: object) -> None:
        """Note that somebody is there."""
        self._last = self._now()

    def look(self) -> None:
        """Lock if it has been too long."""
        if self._now() - self._last >= self._limit:
            self._lock()  # again at the next look where it could not be done
            self.touched()

    def stop(self) -> None:
        """Watch no longer."""
        self._event.cancel()
        Window.unbind(**dict.fromkeys(_SIGNS, self.touched))
