"""What becomes of photos on this tablet (照片): which are named, which nobody needs any more."""

from field_app.store.memory import Memory
from field_app.store.state import UNANSWERED, Photo
from field_app.store.store import Store


def thumb_name(id: str) -> str:
    """Give the name of a photo's sealed thumbnail."""
    return f"{id}.thumb"


def names_photo(memory: Memory, photo: Photo) -> bool:
    """Whether the photo's record names it, as the worker sees it or in what is yet to be answered."""
    view = memory.view(photo.record)
    lists = [view.values.get(photo.field)] if view is not None and not view.withdrawn else []
    lists += [
        entry.set.get(photo.field) for entry in memory.entries_of(photo.record) if entry.state in UNANSWERED
    ]
    return any(isinstance(ids, list) and photo.id in ids for ids in lists)


def photo_drop(store: Store, photo: Photo) -> None:
    """Forget a photo and remove what lies of it on the disk."""
    with store.write() as unit:
        unit.drop_photo(photo.id)
    store.files.remove(photo.id)
    store.files.remove(thumb_name(photo.id))


def strays_remove(store: Store) -> None:
    """Remove what nobody needs any more: photos whose form was thrown away, files that belong to nothing.

    Called when the tablet was unlocked, so that no form is open.
    """
    kept = {id for draft in store.memory.drafts.values() for id in _named(draft.body.get("put"))}
    for photo in list(store.memory.photos.values()):
        if not photo.bound and photo.id not in kept and not names_photo(store.memory, photo):
            photo_drop(store, photo)
    files_tidy(store)


def files_tidy(store: Store) -> None:
    """Remove files without a photo, but for thumbnails of photos that a record here names.

    Where rows cannot be read none is removed: it may be all that is left of a photo.
    """
    if store.damage.lost:
        return
    with store.lock:
        lying, known = store.files.names(), store.memory.photos
        if not lying:
            return
        views = map(store.memory.view, store.memory.ids())
        named = {id for view in views if view is not None for id in _named(view.values)}
        for name in lying:
            id = name.removesuffix(".thumb")
            if id not in known and (id == name or id not in named):
                store.files.remove(name)


def _named(values: object) -> list[str]:
    """Give all ids that lists among the values hold; a thumbnail is kept while any record names it."""
    lists = (
        [value for value in values.values() if isinstance(value, list)] if isinstance(values, dict) else []
    )
    return [item for value in lists for item in value if isinstance(item, str)]
