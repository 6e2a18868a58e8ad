"""What the system allows a process."""

import resource


def files_allow() -> None:
    """Let this process have as many open files as it may: every connection is one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
