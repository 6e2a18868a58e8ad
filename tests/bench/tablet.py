"""Opening a tablet with 5,000 records: from the PIN to a list that can be searched."""

from tests.bench.figures import Figure


def tablet_open_5000() -> list[Figure]:
    """Placeholder replaced below."""
    raise SystemExit
