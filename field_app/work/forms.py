"""Forms generated from the contract (采集表单): what is asked, what is held, what is wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from field_app.store.state import Values
from field_app.store.store import Store
from field_app.work.checks import closed_problems, is_asked, place_problems, reference_problems
from field_app.work.codes import Codes
from field_app.work.grounds import Grounds
from field_app.work.labels import Labels, is_open
from field_app.work.layout import arrange
from field_app.work.rows import Choice
from field_app.work.times import typed_day, typed_moment
from governance.contract import KINDS, Checked, Field, Kind, Problem, Type, check
from governance.contract.files import files_join

_LONG = 200
_PLACE = ("lon", "lat", "grid")
_MOST_CHOICES = 500


@dataclass(frozen=True, slots=True)
class FormField:
    """One line of a form, ready to draw.

    Parameters
    ----------
    name, label : str
        Field name in the contract and Chinese label.
    type : Type
        Decides the widget: TEXT, CODE (one of ``choices``), CODES (several), DATE, MOMENT,
        INTEGER, NUMBER, FLAG, REF (one of ``choices``, record ids), CITIZEN, CREDIT, PHONE, AREA.
    value : object
        JSON value as it stands in the form, None when empty.
    text : str
        The same for people: codes by label, times in Shanghai time, the text to put in an input box.
    required, read_only : bool
        ``read_only`` fields follow from another one (birth date from the citizen number) or are
        given by the way that led here (household of a person); they are shown and never asked.
    multiline : bool
        Long text.
    length : int or None
        Most characters.
    unit : str
        Such as ``m²``.
    choices : tuple of Choice
        For CODE, CODES and REF; retired codes are left out unless held.
    problem : str
        Chinese, empty when fine; set by ``Form.check()``.
    section : str
        Chinese heading of the part of the form that the line belongs to (:mod:`field_app.work.layout`).
    """

    name: str
    label: str
    type: Type
    value: object
    text: str
    required: bool = False
    read_only: bool = False
    multiline: bool = False
    length: int | None = None
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    problem: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class FormGround:
    """What a form looks things up in."""

    store: Store
    codes: Codes
    labels: Labels
    grounds: Grounds


class Form:
    """One record being filled in; made by ``Collect.form``, stored by ``Collect.save``.

    Parameters
    ----------
    kind : Kind
    id : str
        The record's id, made at once for a new record.
    draft : str
        The draft's id, the same while the form is open.
    held : mapping
        Values on the tablet, empty for a new record.
    new : bool
        Whether the record is not on the tablet yet.
    base : int or None
        The hub's version that the worker sees, None when the hub has not stored it.
    """

    def __init__(
        self,
        ground: FormGround,
        kind: Kind,
        *,
        id: str,
        draft: str,
        held: Values,
        new: bool,
        base: int | None = None,
    ) -> None:
        self._ground = ground
        self._held = held
        self._put: dict[str, object] = {}
        self._met: set[str] = set()
        self._within: Values = {}
        self._problems: tuple[Problem, ...] = ()
        self._assumed = ""
        self.kind = kind
        self.id = id
        self.draft = draft
        self.new = new
        self.base = base
        self.located = kind.located

    @property
    def title(self) -> str:
        """Heading in Chinese, such as 新增人员 or 修改房屋."""
        return f"{'新增' if self.new else '修改'}{self.kind.label}"

    @property
    def where(self) -> str:
        """The way that led here, such as ``明珠花园3栋 › 1单元502 › 王**户``; empty for located kinds."""
        parent = self.values.get(self.kind.anchor) if self.kind.anchor else None
        view = self._ground.store.memory.view(parent) if isinstance(parent, str) else None
        if view is None:
            return ""
        labels = self._ground.labels
        return " › ".join(labels.title(step, masked=True) for step in labels.path(view))

    @property
    def values(self) -> Values:
        """All values as they stand in the form, derived ones filled in, empty ones absent."""
        whole = {**self._held, **self._put}
        if self.kind.derive is not None:
            whole.update(self.kind.derive(whole))
        return {name: value for name, value in whole.items() if value is not None and value != ""}

    @property
    def offered(self) -> Values:
        """What saving would tell the hub: only what differs from what is held."""
        return {name: value for name, value in self._put.items() if _plain(value) != self._held.get(name)}

    @property
    def place_text(self) -> str:
        """The point and its grid for people, empty when there is none."""
        values = self.values
        lon, lat, accuracy = values.get("lon"), values.get("lat"), values.get("accuracy")
        if not isinstance(lon, (int, float)) or not isinstance(lat, (int, float)):
            return ""
        around = f" ±{accuracy:.0f}米" if isinstance(accuracy, (int, float)) else ""
        grid = self._ground.grounds.named(self._ground.grounds.at(lon, lat))
        return f"{lat:.6f}, {lon:.6f}{around}{f' · {grid}' if grid else ''}"

    @property
    def fields(self) -> tuple[FormField, ...]:
        """Lines to draw that apply, part by part; ask again after every put (they come and go)."""
        values, switched = self.values, self._ground.codes.switched_on()
        asked = [field.name for field in self.kind.fields if is_asked(self.kind, field.name, switched)]
        wrong = {problem.field for problem in self._problems}
        lines = arrange(self.kind, values, asked, keep=wrong)
        return tuple(self._line(self.kind.by_name[name], values, section) for section, name in lines)

    def line(self, name: str) -> FormField:
        """Give the line of one field, whether or not it applies."""
        return self._line(self.kind.by_name[name], self.values, "")

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What the last check, or the hub, found."""
        return self._problems

    @property
    def general_problems(self) -> tuple[str, ...]:
        """Reasons that belong to no line of the form (place, whole record)."""
        drawn = {field.name for field in self.fields}
        return tuple(problem.reason for problem in self._problems if problem.field not in drawn)

    @property
    def changed(self) -> bool:
        """Whether saving would send anything."""
        return bool(self.offered)

    @property
    def puts(self) -> Values:
        """What was put in, for keeping as a draft."""
        return dict(self._put)

    def put(self, name: str, value: object) -> None:
        """Set a field to a JSON value; None empties it. Unknown fields show up in ``check``."""
        if name in ("lon", "lat") and value is not None:
            self._drop_assumed_grid()
        self._put[name] = value
        if isinstance(value, str) and self._ground.store.memory.view(value) is not None:
            self._met.add(value)
        if name in _PLACE:
            self.placed()

    def meet(self, *, within: bool) -> None:
        """Take for once held what a draft refers to, and its place for one in a grid of the worker's."""
        self._met.update(str(self._put.get(field.name)) for field in self.kind.references)
        if within:
            self._within = _place({**self._held, **self._put})

    def placed(self) -> bool:
        """Say whether the place lay in the worker's grids as it was put in; others may be his since."""
        return not self._place_problems({**self._held, **self._put})

    def known(self, values: Values) -> dict[str, object]:
        """Give the lists of files among ``values`` as they were when the form of a held record was opened."""
        if self.new:
            return {}
        return {item.name: self._held.get(item.name) or [] for item in self.kind.files if item.name in values}

    def join(self, known: object) -> None:
        """Join the lists of files put in with what is held now; ``known`` is what they were made on."""
        for name, found in known.items() if isinstance(known, dict) else ():
            held, put = _list(self._held.get(name)), _list(self._put.get(name))
            self._put[name] = files_join(_list(found), put, held) or None

    def leave(self, name: str) -> None:
        """Leave a field as it is held, whatever was put in."""
        self._put.pop(name, None)

    def assume_grid(self, code: str) -> None:
        """Fill in the worker's own grid, until a point says better."""
        self._assumed = code
        self.put("grid", code)

    def put_text(self, name: str, text: str) -> None:
        """Set a field from what was typed: 20260131 or 2026-1-31 as day, Shanghai times, digits."""
        field = self.kind.by_name.get(name)
        typed: object = text.strip()
        reader = _READERS.get(field.type) if field is not None else None
        if typed and reader is not None:
            typed = reader(str(typed))
        self._put[name] = typed if typed != "" else None

    def place(self, lon: float, lat: float, *, accuracy: float | None = None, crs: str = "4490") -> None:
        """Set the point of a located record; the hub sets the grid from it."""
        self._drop_assumed_grid()
        self._put |= {"lon": round(lon, 7), "lat": round(lat, 7), "accuracy": accuracy, "crs": crs}
        self.placed()

    def blame(self, problems: Sequence[Problem]) -> None:
        """Show problems found elsewhere (by the hub) in the form's lines."""
        self._problems = tuple(problems)

    def check(self) -> tuple[Problem, ...]:
        """Hold the whole form against the contract and what is held; also fills ``FormField.problem``."""
        self._problems = tuple(self._check())
        return self._problems

    def stored(self) -> dict[str, object]:
        """Give the offered values in their stored form; only after a ``check`` without problems."""
        offered = self.offered
        return {name: value for name, value in self._checked().values.items() if name in offered}

    def _drop_assumed_grid(self) -> None:
        if self._assumed and self._put.get("grid") == self._assumed:
            del self._put["grid"]

    def _check(self) -> list[Problem]:
        ground = self._ground
        found = list(closed_problems(self._held, self._put))
        if found:
            return found
        if not ground.codes.held and any(
            field.codes and field.name in self.offered for field in self.kind.fields
        ):
            return [Problem("", "code", "本机还没有代码表，请先联网同步一次")]
        checked = self._checked()
        found = checked.problems
        whole = {**self._held, **checked.values}
        if self.kind.step is not None and not found:
            found = list(self.kind.step(self._held, whole, self._lookup))
        names = {problem.field for problem in found}
        fresh = {name: whole.get(name) for name in checked.values if name not in names}
        found += reference_problems(ground.store.memory, self.kind, fresh, self._met)
        if {"lon", "lat", "grid"} & set(fresh):
            found += self._place_problems(whole)
        return found

    def _place_problems(self, values: Values) -> list[Problem]:
        if _place(values) == self._within:
            return []
        found = list(place_problems(self._ground.grounds, self.kind, values))
        if not found:
            self._within = _place(values)
        return found

    def _lookup(self, kind: str, id: str) -> tuple[Kind, Values] | None:
        view = self._ground.store.memory.view(id)
        if view is None or view.kind != kind or not view.whole:
            return None
        return KINDS[kind], view.values

    def _checked(self) -> Checked:
        codes = self._ground.codes
        current = None if self.new else self._held
        return check(self.kind, self.offered, codes.book(), current=current, switched_on=codes.switched_on())

    def _line(self, field: Field, values: Values, section: str) -> FormField:
        value = values.get(field.name)
        derived = field.derived_from is not None and values.get(field.derived_from) is not None
        reasons = [problem.reason for problem in self._problems if problem.field == field.name]
        return FormField(
            name=field.name,
            label=field.label,
            type=field.type,
            value=value,
            text=self._ground.labels.text(field, value),
            required=field.required,
            read_only=derived or (field.name == self.kind.anchor and value is not None),
            multiline=field.type is Type.TEXT and (field.length or _LONG) > _LONG,
            length=field.length,
            unit=field.unit,
            choices=self._choices(field, value, values),
            problem="；".join(reasons),
            section=section,
        )

    def _choices(self, field: Field, value: object, values: Values) -> tuple[Choice, ...]:
        if field.type in (Type.CODE, Type.CODES):
            return self._ground.codes.choices(field.codes, value)
        if field.type is not Type.REF or field.target is None:
            return ()
        memory = self._ground.store.memory
        parent = values.get(self.kind.anchor) if self.kind.anchor else None
        near = [view for view in memory.below(str(parent)) if view.kind == field.target] if parent else []
        views = near or list(memory.views(field.target))[:_MOST_CHOICES]
        title = self._ground.labels.title
        return tuple(Choice(view.id, title(view, masked=True)) for view in views if is_open(view))


def _place(values: Values) -> Values:
    return {name: values.get(name) for name in _PLACE}


def _plain(value: object) -> object:
    """An emptied field is the same as one that was never filled."""
    return None if value in ("", []) else value


def _list(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def _typed_number(text: str) -> object:
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() and "." not in text else number


def _typed_flag(text: str) -> object:
    return {"是": True, "有": True, "否": False, "无": False, "没有": False}.get(text, text)


_READERS: dict[Type, Callable[[str], object]] = {
    Type.DATE: typed_day,
    Type.MOMENT: typed_moment,
    Type.INTEGER: _typed_number,
    Type.NUMBER: _typed_number,
    Type.FLAG: _typed_flag,
}
