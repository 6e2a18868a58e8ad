"""The ports on Android; needs pyjnius and plyer, so it is imported on Android only.

Checked by reading against the Android and plyer documentation; it has not run on a device.
"""

import threading
from pathlib import Path
from typing import Any

from jnius import autoclass  # type: ignore[import-not-found,import-untyped,unused-ignore]
from plyer import camera, gps, notification  # type: ignore[import-not-found,import-untyped,unused-ignore]

from field_app.ports.gps import Fix
from field_app.ports.secret import SecretError, Tries, TriesFile

_ALIAS = "field_app.device"


class AndroidGps:
    """GPS through plyer; Android fixes are WGS-84."""

    def fix(self, *, timeout: float = 10.0) -> Fix | None:
        """Start the receiver, wait for the first fix, stop it."""
        arrived = threading.Event()
        found: list[Fix] = []

        def on_location(**values: float) -> None:
            found.append(Fix(values["lon"], values["lat"], values.get("accuracy")))
            arrived.set()

        gps.configure(on_location=on_location)
        gps.start(minTime=500, minDistance=0)
        try:
            arrived.wait(timeout)
        finally:
            gps.stop()
        return found[-1] if found else None


class AndroidCamera:
    """The system's camera app through plyer."""

    chooses = False

    def take(self, target: Path) -> Path | None:
        """Open the camera and wait until the worker is done."""
        done = threading.Event()

        def on_complete(_: str) -> bool:
            done.set()
            return False

        camera.take_picture(filename=str(target), on_complete=on_complete)
        done.wait()
        return target if target.exists() else None


class AndroidNotification:
    """A system notice through plyer."""

    def show(self, title: str, text: str) -> None:
        """Show it in the status bar."""
        notification.notify(title=title, message=text, app_name="社区e通")


class AndroidExchange:
    """The app's own folder on the shared storage, which file managers and a cable reach."""

    def folder(self) -> Path:
        """Give the folder."""
        activity = autoclass("org.kivy.android.PythonActivity").mActivity
        return Path(activity.getExternalFilesDir(None).getAbsolutePath())


class KeystoreSecret:
    """An HMAC key a store that never leaves the Android Keystore; its answer to a fixed text is the secret.

    Wrong tries lie in the app's folder that no backup takes along.
    """

    def make(self, store: str) -> bytes:
        """Make the key in the Keystore when there is none, then answer with it."""
        alias = _alias(store)
        if not self._store().containsAlias(alias):
            properties = autoclass("android.security.keystore.KeyProperties")
            builder = autoclass("android.security.keystore.KeyGenParameterSpec$Builder")
            generator = autoclass("javax.crypto.KeyGenerator").getInstance("HmacSHA256", "AndroidKeyStore")
            generator.init(builder(alias, properties.PURPOSE_SIGN).build())
            generator.generateKey()
            self.count(store, Tries())
        return self.read(store)

    def read(self, store: str) -> bytes:
        """Answer with the key."""
        key = self._store().getKey(_alias(store), None)
        if key is None:
            raise SecretError("找不到设备密钥，本机数据无法打开")
        mac = autoclass("javax.crypto.Mac").getInstance("HmacSHA256")
        mac.init(key)
        return bytes(value & 0xFF for value in mac.doFinal(b"field_app device secret"))

    def destroy(self, store: str) -> None:
        """Delete the key from the Keystore."""
        if self._store().containsAlias(_alias(store)):
            self._store().deleteEntry(_alias(store))

    def tries(self, store: str) -> Tries | None:
        """Read the tries."""
        return self._tries(store).read() or (None if store else Tries())

    def count(self, store: str, tries: Tries) -> None:
        """Write the tries."""
        self._tries(store).write(tries)

    def _tries(self, store: str) -> TriesFile:
        activity = autoclass("org.kivy.android.PythonActivity").mActivity
        folder = Path(activity.getNoBackupFilesDir().getAbsolutePath())
        return TriesFile(folder / f"{store or 'device'}.tries")

    def _store(self) -> Any:
        store = autoclass("java.security.KeyStore").getInstance("AndroidKeyStore")
        store.load(None)
        return store


def _alias(store: str) -> str:
    return f"{_ALIAS}.{store}" if store else _ALIAS
