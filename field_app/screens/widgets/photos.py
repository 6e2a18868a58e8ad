"""Photos side by side (照片): those of a record, and the line of a form that takes them."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kivy.core.image import Image as CoreImage
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.stacklayout import StackLayout

from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo to draw: ``data`` is a small JPEG, None where none is here; ``label`` says where it is."""

    id: str
    data: bytes | None
    label: str


class PhotoCell(BoxLayout):
    """One photo with what is said of it; ``remove`` is None where it may not be taken off."""

    texture = ObjectProperty(None, allownone=True)
    label = StringProperty("")
    remove = ObjectProperty(None, allownone=True)

    def __init__(self, shot: Shot, remove: Callable[[], None] | None = None) -> None:
        self.shot = shot
        super().__init__(texture=_texture(shot.data), label=shot.label, remove=remove)


class PhotoStrip(StackLayout):
    """Photos in rows."""

    def show(self, shots: Sequence[Shot], remove: Callable[[str], None] | None = None) -> None:
        """Show these, keeping those that look the same."""
        if [cell.shot for cell in self.children[::-1]] == list(shots):
            return
        self.clear_widgets()
        for shot in shots:
            taken = None if remove is None else (lambda id=shot.id: remove(id))
            self.add_widget(PhotoCell(shot, taken))


class FileSheet(Sheet):
    """Chooses a file on a desktop, where there is no camera."""

    def __init__(self, then: Callable[[Path], object], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._then = then

    def take(self, chosen: Sequence[str]) -> None:
        """Hand the chosen file over."""
        if chosen:
            self.dismiss()
            self._then(Path(chosen[0]))


def _texture(data: bytes | None) -> object:
    """Give a picture ready to draw; None where it cannot be drawn."""
    if data is None:
        return None
    try:
        return CoreImage(io.BytesIO(data), ext="jpg").texture
    except Exception:  # noqa: BLE001 - Kivy's loaders raise what they like; the photo itself is safe
        return None


load_kv(__file__)
