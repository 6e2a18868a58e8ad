"""The one root of everything the tablet tells its worker about."""


class TabletError(Exception):
    """Something went wrong in a foreseen way; ``str(error)`` is a Chinese sentence for people."""
