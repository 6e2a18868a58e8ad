"""办理任务: why the worker is sent, what is asked for, and what came of it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from field_app.ports.camera import Camera
from field_app.screens.base import View, Ways
from field_app.screens.shots import shot
from field_app.screens.taking import Taking
from field_app.screens.widgets.basics import Plain
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.labels import case_chip, day_words, kind_icon
from field_app.screens.widgets.rows import Row as RowWidget
from field_app.screens.widgets.signature_pad import SignatureSheet
from field_app.screens.widgets.value_line import ValueLine
from field_app.work.asked import Asked
from field_app.work.errors import NotFound, Refused, WorkError
from field_app.work.forms import Form
from field_app.work.rows import STATE_LABELS, Choice, RecordState, Row
from field_app.work.session import Session
from field_app.work.signatures import Stroke, signature_into
from field_app.work.tasks import TaskSheet, When

_WORDS = {"done": "办结", "already": "办结", "not_home": "记下这次上门", "handed_on": "转交"}


class TaskScreen(View):
    """One tap leads to the people, lines take what is asked for, one choice reports what came of it."""

    title = StringProperty("")
    due = StringProperty("")
    reason = StringProperty("")
    told = StringProperty("")
    second = StringProperty("")
    state = StringProperty("")
    tone = StringProperty("warn")
    problem = StringProperty("")
    missing = StringProperty("")
    outcome = StringProperty("")
    word = StringProperty("办结")
    done = BooleanProperty(False)
    may_accept = BooleanProperty(False)
    signs = BooleanProperty(False)
    signed = BooleanProperty(False)
    sheet = ObjectProperty(None, allownone=True)

    def __init__(
        self, session: Session, *, ways: Ways, camera: Camera, today: Callable[[], date], **kwargs: object
    ) -> None:
        super().__init__(ways=ways, **kwargs)
        self._session = session
        self._id = ""
        self._asked: Asked | None = None
        taking = Taking(session, camera, form=self._form_of, changed=self._changed, say=ways.say)
        self._sink = taking.sink(put=self._put, put_text=self._put_text, today=today)

    def arrive(self, id: str, **_: object) -> None:
        """Show a task; coming back to the same one keeps what was chosen.

        What was put in lies among the drafts, where it, or the records that it is about, may have been gone
        on with elsewhere.
        """
        if id != self._id:
            self.ids.sections.clear_widgets()
            self.ids.page.scroll_y = 1
            self.sheet = None
        self._id, self._asked, self.problem = id, None, ""
        self._show()

    def depart(self) -> None:
        """Keep what was put in as a draft."""
        self.kept()
        if self._asked is not None:
            self._asked.keep()

    def refresh(self) -> None:
        """Show it again, keeping what was chosen."""
        self._show()

    def accept(self) -> None:
        """Say that the worker will do it."""
        try:
            self._session.desk.tasks.accept(self._id)
        except WorkError as error:
            self.problem = str(error)
            return
        self._show()
        self.ways.say("已接受，联网后自动告诉平台")

    def sign(self) -> None:
        """Let the resident sign."""
        SignatureSheet(title="请居民签名", about=f"办理事项：{self.title}", then=self._take_signature).open()

    def finish(self) -> None:
        """Report the outcome; it waits in the outbox."""
        asked, note = self._asked, self.ids.note.text.strip()
        try:
            self._session.desk.tasks.finish(self._id, outcome=self.outcome, note=note, asked=asked)
        except WorkError as error:
            self.problem = str(error)
            return
        self._id, self._asked = "", None
        self.ways.back()
        self.ways.say("结果已存在本机，联网后自动送到平台")

    def write(self, note: str) -> None:
        """Take down what is being written about the result."""
        if self._asked is not None and note.strip() != self._asked.note:
            self._asked.write(note)
            self.keep_soon()

    def _show(self) -> None:
        tasks, before = self._session.desk.tasks, self.sheet
        self.depart()
        try:
            sheet = tasks.sheet(self._id)
            if self._asked is None or not self._asked.changed:
                self._asked = tasks.asked(self._id)
        except NotFound as error:
            self.ways.back()
            self.ways.say(str(error))
            return
        self.sheet, self.title, self.reason = sheet, sheet.title, sheet.reason
        self.told, self.second, self.may_accept = sheet.told, sheet.second, sheet.may_accept
        self.done = bool(sheet.outcome)
        self.due = " · ".join(part for part in (sheet.origin, f"{day_words(sheet.due)}到期") if part)
        self._show_state(sheet)
        self._show_people(sheet)
        self._show_asked()
        self._show_note()
        self._show_attempts(sheet.attempts)
        if before is None or (before.outcome, before.note) != (sheet.outcome, sheet.note):
            self._show_outcomes(sheet)

    def _show_state(self, sheet: TaskSheet) -> None:
        late = sheet.when is When.OVERDUE
        unsent = "" if sheet.state is RecordState.HUB else STATE_LABELS[sheet.state]
        self.state = "已逾期" if late else unsent or sheet.stage
        self.tone = "bad" if late else "warn" if unsent else "plain"

    def _show_people(self, sheet: TaskSheet) -> None:
        self.ids.people.clear_widgets()
        rows = {row.id: row for row in (sheet.subject, sheet.household) if row is not None}
        for row in rows.values():
            self.ids.people.add_widget(self._person(row))
        self._show_cases()

    def _show_cases(self) -> None:
        """Lead to the services that this task is about, or that may be begun for it."""
        cases = self._session.desk.cases
        for case in cases.of_task(self._id):
            chip, tone = case_chip(case)
            self.ids.people.add_widget(
                RowWidget(
                    icon=kind_icon("case"),
                    title=f"代办件：{case.title}",
                    detail=case.number,
                    chip=chip,
                    tone=tone,
                    open=lambda id=case.id: self.ways.case(id),
                )
            )
        person, services = cases.for_task(self._id)
        for service in services if not self.done else ():
            self.ids.people.add_widget(
                RowWidget(
                    icon=kind_icon("case"),
                    title=f"为他代办：{service.label}",
                    chip="提出",
                    tone="accent",
                    open=lambda code=service.code: self._serve(code, person),
                )
            )

    def _serve(self, service: str, person: str) -> None:
        try:
            begun = self._session.desk.cases.begin(service, person, task=self._id)
        except WorkError as error:
            self.problem = str(error)
            return
        self.ways.case(begun[0].id)

    def _person(self, row: Row) -> RowWidget:
        return RowWidget(
            icon=kind_icon(row.kind),
            title=row.title,
            detail=row.subtitle,
            chip=row.kind_label,
            open=lambda: self.ways.record(row.id),
        )

    def _show_asked(self) -> None:
        asked = self._asked
        if asked is None:
            return
        self.ids.sections.show(asked.fields, self._sink)
        self.signs, self.signed = asked.signs, bool(asked.signature)
        photos = self._session.desk.photos
        self.ids.signature.show([shot(photos, asked.signature)] if asked.signature else [])
        needed = self.outcome in ("", "done") and not self.done
        self.missing = "、".join(asked.wanted) if needed else ""

    def _show_note(self) -> None:
        """Show what is being written about the result, but leave alone what is just being typed."""
        note = self._asked.note if self._asked is not None else ""
        if self.ids.note.text.strip() != note:
            self.ids.note.text = note

    def _show_attempts(self, attempts: Sequence[str]) -> None:
        self.ids.attempts.clear_widgets()
        for text in attempts:
            day, minute, what = text.split(" ", 2)
            self.ids.attempts.add_widget(ValueLine(label=f"{day} {minute}", text=what))

    def _show_outcomes(self, sheet: TaskSheet) -> None:
        self.outcome = sheet.outcome
        self.word = _WORDS.get(self.outcome, "退回" if self.outcome else "办结")
        self.ids.outcomes.clear_widgets()
        for choice in sheet.outcomes:
            self.ids.outcomes.add_widget(self._offer(choice))

    def _offer(self, choice: Choice) -> Plain:
        button = Plain(text=choice.label, chosen=choice.code == self.outcome)
        button.bind(on_release=lambda _: self._choose(choice.code, button))
        return button

    def _choose(self, code: str, chosen: Plain) -> None:
        self.outcome, self.problem, self.word = code, "", _WORDS.get(code, "退回")
        for button in self.ids.outcomes.children:
            button.chosen = button is chosen
        self._show_asked()

    def _take_signature(self, strokes: Sequence[Stroke], size: tuple[float, float]) -> str:
        if self._asked is None:
            return ""
        form, photos = self._asked.task, self._session.desk.photos
        try:
            write = signature_into(strokes, size)
            if self._asked.signature:
                photos.remove(form, "signature", self._asked.signature)
            photos.take(form, "signature", write)
        except WorkError as error:
            return str(error)
        self._changed()
        return ""

    def _form_of(self, name: str) -> tuple[Form, str] | None:
        if self._asked is None or not self.in_front:
            return None
        with suppress(Refused):  # it was asked for by another task
            return self._asked.form_of(name)
        return None

    def _put(self, name: str, value: object) -> None:
        if self._asked is not None:
            self._asked.put(name, value)
            self._changed()

    def _put_text(self, name: str, text: str) -> None:
        if self._asked is not None:
            self._asked.put_text(name, text)
            self._changed()

    def _changed(self) -> None:
        self.problem = ""
        self.keep_soon()
        self._show_asked()


load_kv(__file__)
