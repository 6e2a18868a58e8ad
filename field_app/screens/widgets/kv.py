"""Loading the ``.kv`` file that lies beside a module, and the font every label uses."""

from pathlib import Path

from kivy.core.text import DEFAULT_FONT, LabelBase
from kivy.lang import Builder

from field_app import theme


def load_kv(module_file: str) -> None:
    """Load ``name.kv`` for ``name.py``; loading it again does nothing."""
    path = str(Path(module_file).with_suffix(".kv"))
    if path not in Builder.files:
        Builder.load_file(path)


def register_font() -> None:
    """Make the Chinese font the one behind every label and input."""
    LabelBase.register(DEFAULT_FONT, str(theme.font_file()), fn_bold=str(theme.font_file()))


register_font()
