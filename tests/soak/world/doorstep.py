"""What a worker does with his tablet, by chance: collect, edit, close, withdraw, move, repair."""

import random
from collections.abc import Callable, Sequence

from field_app.store.state import RecordState, View
from field_app.work.collect import DraftRow
from field_app.work.errors import Refused
from field_app.work.forms import Form
from governance.contract import KINDS
from tests import factories
from tests.soak.world import forms
from tests.soak.world.model import Model
from tests.soak.world.tablet import Tablet

NEWEST = 3
"""What came last to a tablet is edited half of the time: the others know it only just."""


LEFT = 0.05
"""How often a new form is left lying half done."""


class Doorstep:
    """A worker's acts; each says in a few words what it did, or nothing if there was nothing to do.

    ``wrong`` names what was saved as if its writer had seen more, or less, than he had.
    """

    def __init__(self, chance: random.Random, model: Callable[[], Model]) -> None:
        self._chance = chance
        self._model = model
        self._texts = 0
        self._seen: dict[str, int] = {}
        self.wrong: list[str] = []

    def text(self) -> str:
        """Give a text that has never been used before."""
        self._texts += 1
        return f"{forms.MARK}{self._texts}"

    def collect(self, tablet: Tablet) -> str:
        """Register something new."""
        kind = KINDS[self._chance.choice(forms.OFTEN)]
        collect = tablet.session.desk.collect
        if kind.anchor is None:
            grids = sorted(grid["code"] for grid in _grids(tablet))
            if not grids:
                return ""
            form = collect.form(kind.name)
            form.place(*self._model().map.middle(self._chance.choice(grids)))
        else:
            parents = _open(tablet, kind.by_name[kind.anchor].target or "")
            if not parents:
                return ""
            form = collect.form(kind.name, parent=self._chance.choice(parents).id)
        for name, value in forms.required(kind.name, self.text).items():
            form.put(name, value)
        if self._chance.random() < LEFT:
            collect.keep(form)
            return f"begins to make {kind.name} {form.id[-4:]}"
        return self._save(tablet, form)

    def edit(self, tablet: Tablet) -> str:
        """Change a value or two of something held."""
        kinds = [kind for kind in forms.REQUIRED if _open(tablet, kind)]
        if not kinds:
            return ""
        kind = self._chance.choice(kinds + ["person"] * ("person" in kinds) * len(kinds))
        held = _open(tablet, kind)
        held = held[-NEWEST:] if self._chance.random() < 0.5 else held
        return self.change(tablet, kind, self._chance.choice(held).id)

    def change(self, tablet: Tablet, kind: str, id_: str) -> str:
        """Change a value or two of one record."""
        return self._save(tablet, self._filled(tablet, kind, id_))

    def draft(self, tablet: Tablet) -> str:
        """Leave a form lying half done, or save one that has lain for a while."""
        collect = tablet.session.desk.collect
        if (lying := collect.drafts()) and self._chance.random() < 0.6:
            return self.finish(tablet, self._chance.choice(lying))
        held = [view for kind in forms.REQUIRED for view in _open(tablet, kind)]
        if not held:
            return ""
        view = self._chance.choice(held)
        form = self._filled(tablet, view.kind, view.id)
        collect.keep(form)
        self._seen[form.draft] = view.version or 1
        return f"begins to edit {view.kind} {view.id[-4:]} {dict(form.offered)}"

    def finish(self, tablet: Tablet, draft: DraftRow) -> str:
        """Save a form that lay half done, or throw it away if nobody can go on with it."""
        collect = tablet.session.desk.collect
        try:
            return self._save(tablet, collect.resume(draft.draft))
        except Refused as error:
            collect.drop(draft.draft)
            return f"throws a form away: {error}"

    def _filled(self, tablet: Tablet, kind: str, id_: str) -> Form:
        form = tablet.session.desk.collect.form(kind, id=id_)
        for name in self._chance.sample(
            forms.edited(kind), min(self._chance.choice((1, 1, 2)), len(forms.edited(kind)))
        ):
            form.put(name, self.text())
        return form

    def task(self, tablet: Tablet) -> str:
        """Accept a task, or report what came of it, be it done already."""
        views = [view for view in tablet.session.desk.records.views("task") if view.whole]
        if not views:
            return ""
        view = self._chance.choice(views)
        tasks = tablet.session.desk.tasks
        outcome = self._chance.choice(("", "done", "done", "not_home", "refused", "other", "handed_on"))
        if not outcome:
            return f"accepts task {tasks.accept(view.id).id[-4:]}"
        text = self.text()
        there = lambda: [  # noqa: E731
            (entry.id, name, text)
            for entry in tablet.memory.entries.values()
            for name, value in entry.set.items()
            if value == text
        ]
        with tablet.noting(lambda: bool(there()), lambda: tablet.saved.extend(there())):
            tasks.finish(view.id, outcome=outcome, note=text)
        return f"reports {outcome} of task {view.id[-4:]} {text}"

    def move(self, tablet: Tablet) -> str:
        """Move a household to another room, or a person to another household."""
        kind = self._chance.choice(("household", "person"))
        anchor = KINDS[kind].anchor or ""
        moved, parents = _open(tablet, kind), _open(tablet, KINDS[kind].by_name[anchor].target or "")
        if not moved or len(parents) < 2:
            return ""
        form = tablet.session.desk.collect.form(kind, id=self._chance.choice(moved).id)
        form.put(anchor, self._chance.choice(parents[-4:]).id)
        return self._save(tablet, form)

    def close(self, tablet: Tablet) -> str:
        """Close something that nothing open hangs on, most often a person."""
        kinds = [kind for kind in forms.REQUIRED if kind != "event" and _open(tablet, kind)]
        if not kinds:
            return ""
        view = self._chance.choice(_open(tablet, self._chance.choice(kinds)))
        if any(True for child in tablet.memory.below(view.id)):
            return ""
        reason = factories.close_reason(view.kind)
        tablet.session.desk.records.close(view.id, reason=reason)
        return f"closes {view.kind} {view.id[-4:]}"

    def withdraw(self, tablet: Tablet) -> str:
        """Take back something registered by mistake."""
        kinds = [kind for kind in forms.REQUIRED if _open(tablet, kind)]
        if not kinds:
            return ""
        view = self._chance.choice(_open(tablet, self._chance.choice(kinds)))
        with tablet.noting(lambda: _withdrawn(tablet, view.id), lambda: tablet.withdrawn.add(view.id)):
            tablet.session.desk.records.withdraw(view.id)
        return f"withdraws {view.kind} {view.id[-4:]}"

    def repair(self, tablet: Tablet) -> str:
        """Send something refused again, or put it aside; take note of something contested."""
        states = (RecordState.REFUSED, RecordState.CONTESTED)
        entries = [
            entry for entry in tablet.memory.entries.values() if entry.state in states and not entry.dismissed
        ]
        if not entries:
            return ""
        entry = self._chance.choice(sorted(entries, key=lambda each: each.seq))
        if entry.state is RecordState.REFUSED and self._chance.random() < 0.7:
            tablet.session.desk.outbox.retry(entry.change)
            return f"sends {entry.kind} {entry.id[-4:]} again"
        values = [(entry.id, name, value) for name, value in entry.set.items()]
        with tablet.noting(lambda: _dismissed(tablet, entry.change), lambda: tablet.dropped.extend(values)):
            tablet.session.desk.outbox.dismiss(entry.change)
        return f"puts a change of {entry.kind} {entry.id[-4:]} aside"

    def _save(self, tablet: Tablet, form: Form) -> str:
        offered = dict(form.offered)
        values = [
            (form.id, name, value)
            for name, value in offered.items()
            if isinstance(value, str) and value.startswith(forms.MARK)
        ]
        with tablet.noting(lambda: _waits(tablet, values), lambda: tablet.saved.extend(values)):
            saved = tablet.session.desk.collect.save(form)
        self._look(tablet, form, saved.change)
        return f"{'makes' if form.new else 'edits'} {form.kind.name} {form.id[-4:]} {offered}"

    def _look(self, tablet: Tablet, form: Form, change: str) -> None:
        """Hold what was saved from a form that lay for a while against what its writer had seen."""
        seen, entry = self._seen.get(form.draft), tablet.memory.entries.get(change)
        if seen is None or entry is None:
            return
        if form.id in tablet.memory.held if entry.base is None else entry.base > seen:
            self.wrong.append(f"{tablet.user} saw version {seen} and saved {entry}")


def _open(tablet: Tablet, kind: str) -> Sequence[View]:
    views = tablet.session.desk.records.views(kind)
    return [view for view in views if view.values.get("closed_on") is None]


def _grids(tablet: Tablet) -> Sequence[dict[str, str]]:
    held = tablet.memory.held.values()
    return [{"code": each.grid} for each in held if each.kind == "grid"]


def _waits(tablet: Tablet, values: Sequence[tuple[str, str, object]]) -> bool:
    """Whether the outbox holds these values."""
    return all(
        any(entry.set.get(name) == value for entry in tablet.memory.entries_of(id_))
        for id_, name, value in values
    )


def _withdrawn(tablet: Tablet, id_: str) -> bool:
    """Whether the outbox holds a withdrawal, or no longer the record that it made."""
    entries = tablet.memory.entries_of(id_)
    return any(entry.delete for entry in entries) or not (entries or id_ in tablet.memory.held)


def _dismissed(tablet: Tablet, change: str) -> bool:
    """Whether a change is gone from the outbox, or marked."""
    entry = tablet.memory.entries.get(change)
    return entry is None or entry.dismissed
