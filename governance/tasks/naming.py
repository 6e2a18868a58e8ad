"""What lists and pages say instead of a task's keys (任务项的称谓): whom it is about, what it asks for."""

from collections.abc import Collection

from governance.contract import KINDS
from governance.records.codes import book
from governance.records.registry.labels import labels
from governance.records.registry.named import field_named_by
from governance.records.registry.writes import uuid_of
from governance.rules.wording import describe_asks


def kinds_text(names: Collection[str]) -> dict[str, str]:
    """Give what kinds of records are called, by name."""
    return {name: KINDS[name].label for name in names if name in KINDS}


def subjects_text(ids: Collection[str]) -> dict[str, str]:
    """Give masked names of the records that tasks are about, by id; mostly they are people."""
    found: dict[str, str] = {}
    for kind in sorted(KINDS, key=lambda name: name != "person"):
        left = [id_ for id_ in ids if id_ not in found and uuid_of(id_)]
        if left and KINDS[kind].right is None:
            found |= labels(kind, left)
    return found


def asks_text(texts: Collection[str]) -> dict[str, str]:
    """Say what tasks ask for, by what stands in the field, as the pages of rules do."""
    return {text: describe_asks(text, book()) or text for text in texts}


for _field in ("subject_kind", "register"):
    field_named_by("task", _field, kinds_text)
field_named_by("task", "subject", subjects_text)
field_named_by("task", "asks", asks_text)
