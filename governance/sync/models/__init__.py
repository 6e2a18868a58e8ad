"""Tables of this room."""

from governance.sync.models.files import Upload

__all__ = ["Upload"]
