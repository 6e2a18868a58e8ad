"""Photos as screens draw them (照片显示)."""

from field_app.screens.widgets.photos import Shot
from field_app.work.photos import Photos


def shot(photos: Photos, id: str) -> Shot:
    """Give a photo to draw: what is here of it, and where it is."""
    return Shot(id, photos.thumb(id), photos.label(id))
