"""What the system allows a process, and what the process keeps of what it was given."""

import ctypes
import resource
from contextlib import suppress

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT, _LARGEST = 64 << 20, 32 << 20


def files_allow() -> None:
    """Let this process have as many open files as it may: every connection is one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def memory_keep() -> None:
    """Have the C library keep what a large reply took, for the next one.

    A first load is copied three times on its way. To give those pages back and take them anew each time
    costs the system a tenth of the work. Where the library is another than glibc nothing changes.
    """
    with suppress(OSError, AttributeError):
        adjust = ctypes.CDLL(None).mallopt
        adjust(_TRIM_THRESHOLD, _KEPT)
        adjust(_MMAP_THRESHOLD, _LARGEST)
