"""办结: one task, whom it is about, and what came of it."""

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from field_app.screens.base import View, Ways
from field_app.screens.widgets.basics import Plain
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.labels import day_words, kind_icon
from field_app.screens.widgets.rows import Row as RowWidget
from field_app.work.errors import NotFound, WorkError
from field_app.work.rows import STATE_LABELS, Choice, RecordState, Row
from field_app.work.session import Session
from field_app.work.tasks import TaskSheet, When


class TaskScreen(View):
    """Says why the worker is sent; one tap leads to the people, one choice ends the task."""

    title = StringProperty("")
    due = StringProperty("")
    reason = StringProperty("")
    state = StringProperty("")
    problem = StringProperty("")
    outcome = StringProperty("")
    late = BooleanProperty(False)
    done = BooleanProperty(False)
    sheet = ObjectProperty(None, allownone=True)

    def __init__(self, session: Session, *, ways: Ways, **kwargs: object) -> None:
        super().__init__(ways=ways, **kwargs)
        self._session = session
        self._id = ""

    def arrive(self, id: str, **_: object) -> None:
        """Show a task; coming back to the same one keeps what was chosen."""
        fresh = id != self._id
        self._id, self.problem = id, ""
        self._show(fresh=fresh)

    def refresh(self) -> None:
        """Show it again, keeping what was chosen."""
        self._show(fresh=False)

    def _show(self, *, fresh: bool) -> None:
        try:
            sheet = self._session.desk.tasks.sheet(self._id)
        except NotFound as error:
            self.ways.back()
            self.ways.say(str(error))
            return
        self.sheet, self.title, self.reason = sheet, sheet.title, sheet.reason
        self.late, self.done = sheet.when is When.OVERDUE, bool(sheet.outcome)
        self.due = f"{day_words(sheet.due)}到期"
        self.state = "" if sheet.state is RecordState.HUB else STATE_LABELS[sheet.state]
        self._show_people(sheet)
        if fresh or self.done:
            self._show_outcomes(sheet)

    def _show_people(self, sheet: TaskSheet) -> None:
        self.ids.people.clear_widgets()
        for row in (sheet.subject, sheet.household):
            if row is not None:
                self.ids.people.add_widget(self._person(row))

    def _person(self, row: Row) -> RowWidget:
        return RowWidget(
            icon=kind_icon(row.kind),
            title=row.title,
            detail=row.subtitle,
            chip=row.kind_label,
            open=lambda: self.ways.record(row.id),
        )

    def _show_outcomes(self, sheet: TaskSheet) -> None:
        self.outcome, self.ids.note.text = sheet.outcome, sheet.note
        self.ids.outcomes.clear_widgets()
        for choice in sheet.outcomes:
            self.ids.outcomes.add_widget(self._offer(choice))

    def _offer(self, choice: Choice) -> Plain:
        button = Plain(text=choice.label, chosen=choice.code == self.outcome)
        button.bind(on_release=lambda _: self._choose(choice.code, button))
        return button

    def _choose(self, code: str, chosen: Plain) -> None:
        self.outcome, self.problem = code, ""
        for button in self.ids.outcomes.children:
            button.chosen = button is chosen

    def finish(self) -> None:
        """Report the outcome; it waits in the outbox."""
        try:
            self._session.desk.tasks.finish(self._id, outcome=self.outcome, note=self.ids.note.text.strip())
        except WorkError as error:
            self.problem = str(error)
            return
        self._id = ""
        self.ways.back()
        self.ways.say("结果已存在本机，联网后自动送到平台")


load_kv(__file__)
