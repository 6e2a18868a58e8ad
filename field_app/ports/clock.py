"""The device's clocks (时钟): the one that people set, and the one that nobody can set."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_UPTIME = Path("/proc/uptime")
_BOOT = Path("/proc/sys/kernel/random/boot_id")


def uptime() -> float:
    """Give the seconds since the device was started, sleep counted where the system tells of it.

    It begins anew with each start and is moved by no setting of date or time.
    """
    try:
        return float(_UPTIME.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        boottime = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if boottime is None else time.clock_gettime(boottime)


def boot() -> str:
    """Give what names this run of the device since its start; empty where the system does not tell."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class DeviceClock:
    """Both clocks, and the run of the device in which ``uptime`` counts.

    Parameters
    ----------
    wall : callable
        Seconds since 1970 by the clock that people set; anything may stand there.
    uptime : callable
        Seconds since the device was started.
    boot : callable
        A word that is another one after each start, or empty.
    """

    wall: Callable[[], float] = time.time
    uptime: Callable[[], float] = uptime
    boot: Callable[[], str] = boot
