"""What the device gives (设备端口): position, camera, notices, device secret.

Protocols with desktop implementations; the Android ones live in ``ports.android`` and are
imported on Android only.
"""

import importlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from field_app.ports.camera import Camera, StatedCamera
from field_app.ports.exchange import Exchange, StatedExchange
from field_app.ports.gps import Gps, StatedGps
from field_app.ports.notification import LoggedNotification, Notification
from field_app.ports.secret import DeviceSecret, SecretFile

__all__ = [
    "Camera",
    "DeviceSecret",
    "Exchange",
    "Gps",
    "Notification",
    "Ports",
    "desktop_ports",
    "device_ports",
]


@dataclass(frozen=True, slots=True)
class Ports:
    """One implementation of each port."""

    gps: Gps
    camera: Camera
    notification: Notification
    secret: DeviceSecret
    exchange: Exchange = field(default_factory=StatedExchange)


def desktop_ports(folder: Path) -> Ports:
    """Give the ports of a desktop computer; the secret lies beside ``folder`` or in FIELD_APP_SECRET_DIR."""
    return Ports(
        gps=StatedGps(),
        camera=StatedCamera(),
        notification=LoggedNotification(),
        secret=SecretFile(_secret_folder(folder)),
    )


def _secret_folder(folder: Path) -> Path:
    """Give where the device secret lies: never in the data folder, unless an older program put it there."""
    named = os.environ.get("FIELD_APP_SECRET_DIR")
    if named:
        return Path(named)
    if (folder / "device.secret").exists():
        return folder
    whole = folder.resolve()
    return whole.with_name(f"{whole.name}.secret")


def device_ports(folder: Path) -> Ports:
    """Give the ports of the device this runs on."""
    if "ANDROID_ARGUMENT" not in os.environ:
        return desktop_ports(folder)
    # Needs pyjnius and plyer, which exist on Android only.
    android = importlib.import_module("field_app.ports.android")
    return Ports(
        gps=android.AndroidGps(),
        camera=android.AndroidCamera(),
        notification=android.AndroidNotification(),
        secret=android.KeystoreSecret(),
        exchange=android.AndroidExchange(),
    )
