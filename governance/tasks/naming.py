"""What lists and pages say instead of a task's keys (任务项的称谓): whom it is about, what it asks for."""

from collections.abc import Collection
from uuid import UUID

from governance.contract import KINDS
from governance.contract.asks import MATERIALS, Ask, What, asks_read
from governance.records.codes import book
from governance.records.registry.labels import labels
from governance.records.registry.named import field_named_by

_PHOTO_OR_SIGNATURE = {What.PHOTO: "照片", What.SIGNATURE: "居民签名"}


def kinds_text(names: Collection[str]) -> dict[str, str]:
    """Give what kinds of records are called, by name."""
    return {name: KINDS[name].label for name in names if name in KINDS}


def subjects_text(ids: Collection[str]) -> dict[str, str]:
    """Give masked names of the records that tasks are about, by id; mostly they are people."""
    found: dict[str, str] = {}
    for kind in sorted(KINDS, key=lambda name: name != "person"):
        left = [id_ for id_ in ids if id_ not in found and _is_id(id_)]
        if left and KINDS[kind].right is None:
            found |= labels(kind, left)
    return found


def asks_text(texts: Collection[str]) -> dict[str, str]:
    """Say what tasks ask for, by what stands in the field."""
    return {text: "、".join(map(_ask_text, asks_read(text))) or text for text in texts}


def _ask_text(ask: Ask) -> str:
    if ask.what is What.FIELD:
        item = KINDS[ask.kind].by_name.get(ask.name) if ask.kind in KINDS else None
        return f"{KINDS[ask.kind].label}的{item.label}" if item else str(ask)
    if ask.what is What.DOCUMENT:
        code = book().get(MATERIALS, {}).get(ask.name)
        return code.label if code else ask.name
    return _PHOTO_OR_SIGNATURE[ask.what]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


for _field in ("subject_kind", "register"):
    field_named_by("task", _field, kinds_text)
field_named_by("task", "subject", subjects_text)
field_named_by("task", "asks", asks_text)
