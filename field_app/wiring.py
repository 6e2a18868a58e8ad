"""Putting the parts together on this device."""

from pathlib import Path

from field_app.ports import device_ports
from field_app.store.vault import Vault
from field_app.sync.transport import Transport
from field_app.work.session import Session


def session_open(folder: Path, *, searching: bool = True) -> Session:
    """Open a data folder with the device's ports and the HTTP transport.

    Without ``searching`` the search index is built only when it is asked for.

    Raises
    ------
    TabletError
        Another process has the folder, or it cannot be written.
    """
    return Session(Vault(folder, device_ports(folder).secret), http_transport, searching=searching)


def http_transport(hub: str) -> Transport:
    """Make the HTTP transport to a hub."""
    # requests takes longer to load than the rest of the program; only a sync needs it.
    from field_app.sync.http import HttpTransport  # noqa: PLC0415

    return HttpTransport(hub)
