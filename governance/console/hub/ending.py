"""Ending the hub's processes (停止): all of them, however the one that started them ends.

Run by itself it is the guard, which ends the process groups it was told of when whoever told it is gone:
killed on the spot, the one that started them could not.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO

_GRACE = 10.0
_ORDERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What Ctrl-C, a service manager and a terminal that is closed send."""


def orders_heed() -> None:
    """End by every order as by Ctrl-C, save those that whoever started this process had it ignore."""
    for order in _ORDERS:
        if signal.getsignal(order) is not signal.SIG_IGN:
            signal.signal(order, signal.default_int_handler)


@contextmanager
def orders_final(say: Callable[[str], None]) -> Iterator[None]:
    """Leave the block at the first order, and take no further ones."""
    try:
        yield
    except KeyboardInterrupt:
        _orders_ignore()
        say("正在停止 · stopping")


def _orders_ignore() -> None:
    """Let make, which hands on what it got, not cut the ending short: it takes its time."""
    for order in _ORDERS:
        signal.signal(order, signal.SIG_IGN)


def processes_end(processes: Sequence["subprocess.Popen[bytes]"]) -> None:
    """Ask processes that lead a group each to end, and kill what is left of the groups."""
    with _undisturbed():
        for process in processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE)
            # A web server told to end while it replaces a worker that died may leave the new one behind.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def guarded(log: IO[bytes]) -> Iterator[Callable[[int], None]]:
    """Have a guard; gives what tells it of a process group. It goes when the block is left."""
    command = [sys.executable, "-I", __file__]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
    ) as guard:
        pipe = guard.stdin
        assert pipe is not None

        def tell(group: int) -> None:
            pipe.write(f"{group}\n".encode())
            pipe.flush()

        try:
            yield tell
        finally:
            guard.kill()


def main() -> None:
    """Wait until whoever tells of process groups is gone, and end them."""
    groups = [int(line) for line in sys.stdin]
    for number in (signal.SIGTERM, signal.SIGKILL):
        until = time.monotonic() + _GRACE
        for group in groups:
            with suppress(ProcessLookupError):
                os.killpg(group, number)
        while any(map(_lives, groups)) and time.monotonic() < until:
            time.sleep(0.1)


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no further order cut the ending short: what is left then keeps the port and the database."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {order: signal.getsignal(order) for order in _ORDERS}
    _orders_ignore()
    try:
        yield
    finally:
        for order, handler in before.items():
            signal.signal(order, handler)


if __name__ == "__main__":
    main()
