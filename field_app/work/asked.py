"""What a task asks for as one form (办理表单): filled from what is held, kept where each value belongs.

A phone number that is asked for goes into the person's own record; photos, documents seen and the
signature go into the task. Lines are named ``kind.field``.
"""

from dataclasses import replace

from field_app.store.state import View
from field_app.store.store import Store
from field_app.work.collect import Collect
from field_app.work.errors import Refused
from field_app.work.forms import Form, FormField
from field_app.work.labels import Labels, is_open
from field_app.work.rows import Saved
from governance.contract import KINDS, Kind
from governance.contract.asks import What, ask_missing, ask_target, asks_read
from governance.contract.kind import Values

TASK = "task"
SIGNATURE = "task.signature"


class Asked:
    """The form of one task; got by ``desk.tasks.asked(id)``, stored with the result."""

    def __init__(self, store: Store, labels: Labels, collect: Collect, view: View) -> None:
        self._store = store
        self._labels = labels
        self._collect = collect
        self._asks = asks_read(view.values.get("asks"))
        self.forms: dict[str, Form] = {TASK: collect.opened(TASK, view.id)}
        self._names: list[tuple[str, str]] = []
        for ask in self._asks:
            target = ask_target(view.values, ask)
            held = store.memory.view(target[1]) if target is not None else None
            if target is None or held is None or held.kind != target[0] or not is_open(held):
                continue
            if ask.kind not in self.forms:
                self.forms[ask.kind] = collect.opened(*target)
            self._names.append((ask.kind, ask.name))
        if any(ask.what is What.DOCUMENT for ask in self._asks):
            self._names.append((TASK, "materials"))
        self._names.append((TASK, "photos"))

    @property
    def task(self) -> Form:
        """The task's own form."""
        return self.forms[TASK]

    @property
    def fields(self) -> tuple[FormField, ...]:
        """Lines to draw: what is asked of the records first, then what belongs to the task."""
        return tuple(
            replace(
                self.forms[kind].line(name),
                name=f"{kind}.{name}",
                section=self._section(kind),
                required=False,
            )
            for kind, name in self._names
        )

    @property
    def signs(self) -> bool:
        """Whether a signature is asked for or there."""
        return any(ask.what is What.SIGNATURE for ask in self._asks) or bool(self.signature)

    @property
    def signature(self) -> str:
        """Id of the signature; empty without one."""
        held = self.task.values.get("signature")
        return str(held[0]) if isinstance(held, list) and held else ""

    @property
    def wanted(self) -> tuple[str, ...]:
        """What is missing, each in a word such as 居民户口簿."""
        values, task = self.task.values, KINDS[TASK].by_name
        found = []
        for ask in self._asks:
            problems = ask_missing(values, ask, self._lookup)
            if problems and ask.what is What.FIELD:
                found.append(KINDS[ask.kind].by_name[ask.name].label)
            elif problems and ask.what is What.DOCUMENT:
                found.append(self._labels.text(task["materials"], [ask.name]))
            elif problems:
                found.append(task["photos" if ask.what is What.PHOTO else "signature"].label)
        return tuple(found)

    @property
    def note(self) -> str:
        """What is being written about the result."""
        return str(self.task.values.get("outcome_note") or "")

    @property
    def changed(self) -> bool:
        """Whether anything was put in."""
        return any(form.changed for form in self.forms.values())

    def form_of(self, name: str) -> tuple[Form, str]:
        """Give the form and the field's own name of a line. Raises Refused."""
        kind, _, field = name.partition(".")
        if (kind, field) not in self._names and name != SIGNATURE:
            raise Refused.because(name, "unknown_field", f"这项任务没有要求“{name[:40]}”")
        return self.forms[kind], field

    def put(self, name: str, value: object) -> None:
        """Set a line to a JSON value. Raises Refused."""
        form, field = self.form_of(name)
        form.put(field, value)

    def put_text(self, name: str, text: str) -> None:
        """Set a line from what was typed. Raises Refused."""
        form, field = self.form_of(name)
        form.put_text(field, text)

    def write(self, note: str) -> None:
        """Set what is being written about the result."""
        self.task.put_text("outcome_note", note)

    def records_save(self) -> list[Saved]:
        """Store what the task asked for of the records beside it; what else was begun of them stays a draft.

        Raises Refused; then nothing was stored. Raises StoreError; then what was stored is no draft any more.
        """
        others = [form for form in map(self._answers, self.forms) if form.kind.name != TASK and form.changed]
        problems = [problem for form in others for problem in form.check()]
        for form in others:
            self.forms[form.kind.name].blame(form.problems)
        if problems:
            raise Refused(problems)
        return [self._told(form) for form in others]

    def keep(self) -> None:
        """Keep what was put in as drafts, to go on with later."""
        for form in self.forms.values():
            self._collect.keep(form)

    def _answers(self, kind: str) -> Form:
        """Give the form of a record with what the task asks for alone."""
        form, names = self.forms[kind], self._asked_of(kind)
        if kind == TASK or names.issuperset(form.offered):
            return form
        answers = self._collect.form(kind, id=form.id)
        answers.base = form.base
        for name in names & form.puts.keys():
            answers.put(name, form.puts[name])
        answers.join(form.known(answers.puts))
        return answers

    def _told(self, answers: Form) -> Saved:
        """Store the answers, and go on with what else was begun of the record."""
        kind, saved = answers.kind.name, self._collect.save(answers)
        rest = self.forms[kind]
        for name in self._asked_of(kind):
            rest.leave(name)
        self._collect.keep(rest)
        self.forms[kind] = self._collect.opened(kind, rest.id)
        return saved

    def _asked_of(self, kind: str) -> set[str]:
        return {name for of, name in self._names if of == kind}

    def _section(self, kind: str) -> str:
        if kind == TASK:
            return "材料与照片"
        view = self._store.memory.view(self.forms[kind].id)
        title = self._labels.title(view, masked=False) if view is not None else ""
        return f"请核对 {title}".strip()

    def _lookup(self, kind: str, id: str) -> tuple[Kind, Values] | None:
        form = self.forms.get(kind)
        return (form.kind, form.values) if form is not None and form.id == id else None
