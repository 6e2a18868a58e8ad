"""What the worker sees (界面): one ``name.py`` and ``name.kv`` a screen, no decisions.

Importing this package sets what Kivy reads from the environment and its configuration, so it comes
before any other kivy import. Screens call the presenters of ``field_app.work`` and get what they
need through their constructors.
"""

import logging
import os
import tempfile
from pathlib import Path

os.environ.setdefault("KIVY_NO_ARGS", "1")
os.environ.setdefault("KIVY_NO_CONFIG", "1")
os.environ.setdefault("KIVY_NO_FILELOG", "1")
os.environ.setdefault("SDL_IME_SHOW_UI", "1")
_ANDROID = "ANDROID_ARGUMENT" in os.environ
if not _ANDROID:
    os.environ.setdefault("KIVY_CLIPBOARD", "sdl2")
    os.environ.setdefault("KIVY_HOME", str(Path(tempfile.gettempdir()) / "community-e-link-kivy"))

from kivy.config import Config  # noqa: E402 - only now does Kivy find its environment

_ABSENT = ("Input: MTDev", "Cutbuffer:")


class _Absent(logging.Filter):
    """Leaves out Kivy's complaints, with tracebacks, about desktop parts that no tablet has."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith(_ABSENT)


logging.getLogger("kivy").addFilter(_Absent())
Config.set("graphics", "multisamples", "0")
Config.set("graphics", "width", "1280")
Config.set("graphics", "height", "800")
Config.set("kivy", "exit_on_escape", "0")
Config.set("input", "mouse", "mouse,disable_multitouch")
if not _ANDROID:
    Config.remove_option("input", "%(name)s")
