"""What records are called: titles, places and values in Chinese, masked where lists need it."""

from field_app.store.state import View
from field_app.store.store import Store
from field_app.work.codes import Codes
from field_app.work.errors import NotFound
from field_app.work.rows import Row
from field_app.work.times import moment_text
from governance.contract import KINDS, Field, Kind, Type
from governance.contract.masking import HIDDEN, masked, masked_name

_HEADS = ("01", "02")
_DEEPEST = 8
_OWN_ADDRESS = frozenset({"building", "event", "thing", "organisation", "task"})


class Labels:
    """Names things; reads the store's memory only."""

    def __init__(self, store: Store, codes: Codes) -> None:
        self._store = store
        self._memory = store.memory
        self._doors: dict[str, str] = {}
        self._revision = -1
        self._codes = codes

    def find(self, id: str) -> View:
        """Give a record that can be shown. Raises NotFound."""
        view = self._memory.view(id)
        if view is None or view.kind not in KINDS:
            raise NotFound(f"本机没有这条记录：{id[:40]}")
        return view

    def row(self, view: View) -> Row:
        """Give a record as a masked list line."""
        kind = KINDS[view.kind]
        return Row(
            id=view.id,
            kind=view.kind,
            kind_label=kind.label,
            title=self.title(view, masked=True),
            subtitle=self._subtitle(view),
            state=view.state,
            closed=is_closed(view),
            has_children=any(True for _ in self._memory.below(view.id)),
        )

    def title(self, view: View, *, masked: bool) -> str:
        """Give what names a record; never empty."""
        kind = KINDS.get(view.kind)
        if kind is None:
            return view.kind
        if kind.right is not None:
            return self._care_title(view, kind, masked)
        if view.kind == "household":
            return self._household_title(view, masked)
        named = [kind.by_name[name] for name in kind.title if view.values.get(name)]
        if view.kind in ("event", "thing", "organisation"):
            named = named[:1]
        if view.kind == "building":
            named = [field for field in named if field.name != "address"] or named
        parts = (self._shown(field, view.values[field.name], masked) for field in named)
        text = " ".join(part for part in parts if part)
        return text or f"（未命名{kind.label}）"

    def text(self, field: Field, value: object) -> str:
        """Give a value for people, in full."""
        if value is None:
            return ""
        if field.type is Type.CODE:
            return self._codes.label(field.codes, value)
        if field.type is Type.CODES and isinstance(value, list):
            return "、".join(self._codes.label(field.codes, item) for item in value)
        if field.type is Type.FILES and isinstance(value, list):
            return f"{len(value)}{field.unit}"
        if field.type is Type.FLAG:
            return "是" if value is True else "否"
        if field.type is Type.MOMENT:
            return moment_text(value)
        if field.type is Type.REF:
            view = self._memory.view(str(value))
            return self.title(view, masked=False) if view is not None else "（不在本机）"
        if isinstance(value, float):
            return f"{value:.7f}".rstrip("0").rstrip(".")
        return str(value)

    def referred(self, view: View, name: str) -> Row | None:
        """Give the record that a field points to as a list line; None where it is not held."""
        target = self._memory.view(str(view.values.get(name)))
        return self.row(target) if target is not None else None

    def path(self, view: View) -> list[View]:
        """Give the records from the building down to this one."""
        steps = [view]
        while len(steps) < _DEEPEST:
            kind = KINDS.get(steps[0].kind)
            parent = steps[0].values.get(kind.anchor) if kind is not None and kind.anchor else None
            above = self._memory.view(parent) if isinstance(parent, str) else None
            if above is None:
                break
            steps.insert(0, above)
        return steps

    def where(self, view: View) -> str:
        """Give the address: building and room above the record, or its own address."""
        if view.kind in _OWN_ADDRESS:
            return str(view.values.get("address") or "")
        kind = KINDS.get(view.kind)
        parent = view.values.get(kind.anchor) if kind is not None and kind.anchor else None
        return self._door(parent) if isinstance(parent, str) else ""

    def _door(self, id: str) -> str:
        """Give building and room above and including a record; remembered until something changes."""
        if self._revision != self._store.revision:
            self._doors.clear()
            self._revision = self._store.revision
        if id not in self._doors:
            above = self._memory.view(id)
            steps = self.path(above) if above is not None else []
            homes = [step for step in steps if step.kind in ("building", "room")]
            self._doors[id] = " ".join(self.title(step, masked=True) for step in homes)
        return self._doors[id]

    def _subtitle(self, view: View) -> str:
        values = view.values
        parts = [self.where(view)]
        if view.kind == "person":
            known = KINDS["person"].by_name
            parts += [masked(known[name], values.get(name)) for name in ("phone", "citizen_number")]
        elif view.kind == "household":
            parts.append(f"{len(self._people(view))}人")
        elif view.kind == "event":
            parts = [self._codes.label("event_category", values.get("category", "")), *parts]
            parts.append(moment_text(values.get("occurred_at")))
        return " · ".join(part for part in parts if part)

    def _household_title(self, view: View, masked: bool) -> str:
        """Name a household after its head, the first member or its number."""
        name = view.values.get("head_name")
        if isinstance(name, str):
            return f"{masked_name(name) if masked else name}户"
        people = self._people(view)
        heads = [child for child in people if child.values.get("relation") in _HEADS]
        if people:
            return f"{self.title((heads or people)[0], masked=masked)}户"
        number = str(view.values.get("household_no") or "")
        number = self._shown(KINDS["household"].by_name["household_no"], number, masked)
        return f"户号 {number}" if number else "（空户）"

    def _people(self, household: View) -> list[View]:
        below = self._memory.below(household.id)
        return [child for child in below if child.kind == "person" and is_open(child)]

    def _care_title(self, view: View, kind: Kind, masked: bool) -> str:
        person = self._memory.view(str(view.values.get("person")))
        name = self.title(person, masked=masked) if person is not None else "（不在本机）"
        return f"{name} {kind.label}"

    def _shown(self, field: Field, value: object, hidden: bool) -> str:
        """Give a value of a title; masked where lists need it, empty where nothing of it may be shown."""
        if not hidden or field.type in (Type.CODE, Type.REF):
            return self.text(field, value)
        shown = masked(field, value)
        return "" if shown == HIDDEN else shown


def is_closed(view: View) -> bool:
    """Whether a record was closed (注销)."""
    return view.values.get("closed_on") is not None


def is_there(view: View) -> bool:
    """Whether a record is one to list, closed or not: whole and not withdrawn."""
    return view.whole and not view.withdrawn


def is_open(view: View) -> bool:
    """Whether a record belongs into the lists of the living: there and not closed."""
    return is_there(view) and not is_closed(view)
