"""代办件: one service on a resident's behalf, from the consent to the result at the door."""

from collections.abc import Sequence

from kivy.properties import BooleanProperty, ObjectProperty, OptionProperty, StringProperty

from field_app import theme
from field_app.screens.base import View, Ways
from field_app.screens.widgets.basics import Action, Plain
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.labels import case_chip, day_words, kind_icon, state_chip
from field_app.screens.widgets.rows import Row as RowWidget
from field_app.screens.widgets.signature_pad import SignatureSheet
from field_app.screens.widgets.value_line import ValueLine
from field_app.work.cases import CaseSheet
from field_app.work.errors import NotFound, WorkError
from field_app.work.forms import Form
from field_app.work.mandates import SIGNABLE
from field_app.work.papers import CheckLine
from field_app.work.rows import Choice, Row
from field_app.work.session import Session
from field_app.work.signatures import Stroke, signature_into
from governance.contract.casework import AT_DOOR, DELIVER, TELL, WITHDRAW

_NOTED = frozenset({TELL, WITHDRAW})


class CaseScreen(View):
    """Shows the checklist, takes the signature, and offers the steps that lead on from here."""

    title = StringProperty("")
    facts = StringProperty("")
    state = StringProperty("")
    tone = OptionProperty("plain", options=list(theme.TONES))
    problem = StringProperty("")
    answer = StringProperty("")
    consent = StringProperty("")
    signed = StringProperty("")
    signs = BooleanProperty(False)
    delivers = BooleanProperty(False)
    received = BooleanProperty(False)
    sheet = ObjectProperty(None, allownone=True)

    def __init__(self, session: Session, *, ways: Ways, **kwargs: object) -> None:
        super().__init__(ways=ways, **kwargs)
        self._session = session
        self._id = ""
        self._words: Form | None = None

    @property
    def named(self) -> str:
        """The field of whose name is asked for: who gives the mandate, later who receives the result."""
        return "consent_by" if self.signs else "received_by"

    def arrive(self, id: str, **_: object) -> None:
        """Show a case."""
        words = self._words
        if id != self._id or (words is not None and self._session.desk.collect.apart(words)):
            self.ids.page.scroll_y = 1
            self._begin_anew()
        self._id, self.problem = id, ""
        self._show()

    def depart(self) -> None:
        """Keep what is being written."""
        self.kept()
        if self._words is not None:
            self._session.desk.collect.keep(self._words)

    def refresh(self) -> None:
        """Show it as it now is."""
        self._show()

    def write(self, name: str, text: str) -> None:
        """Take down a name or a note; it is kept until the step is taken."""
        if self._words is None:
            return
        if text.strip():
            self._words.put_text(name, text)
        else:
            self._words.leave(name)
        self.keep_soon()

    def sign(self) -> None:
        """Let the resident sign the mandate."""
        if not self.ids.by.text.strip():
            self.problem = "请先填写委托人姓名"
            return
        SignatureSheet(title="请居民签名", about=self.consent, then=self._take_consent).open()

    def receive(self) -> None:
        """Let whoever receives the result sign for it."""
        SignatureSheet(title="请签收人签名", about=f"签收：{self.title}", then=self._take_receipt).open()

    def _take_consent(self, strokes: Sequence[Stroke], size: tuple[float, float]) -> str:
        try:
            take = signature_into(strokes, size)
            self._session.desk.cases.sign(self._id, take, by=self.ids.by.text)
        except WorkError as error:
            return str(error)
        if self._words is not None:
            self._words.leave("consent_by")
            self.depart()
        self._show()
        return ""

    def _take_receipt(self, strokes: Sequence[Stroke], size: tuple[float, float]) -> str:
        words = self._words
        if words is None:
            return ""
        try:
            take = signature_into(strokes, size)
            words.leave("receipt")
            self._session.desk.photos.take(words, "receipt", take)
            self.depart()
        except WorkError as error:
            return str(error)
        self.received = True
        return ""

    def act(self, act: str) -> None:
        """Take one of the steps; it waits in the outbox."""
        try:
            saved = self._session.desk.cases.act(
                self._id,
                act,
                note=self.ids.note.text.strip(),
                received_by=self.ids.by.text.strip() if act == DELIVER else "",
                words=self._words,
            )
        except WorkError as error:
            self.problem = str(error)
            return
        self._begin_anew()
        self.problem = ""
        self.ids.page.scroll_y = 1
        self._show()
        self.ways.say("；".join(("已存在本机，联网后自动送到平台", *saved.remarks)))

    def _begin_anew(self) -> None:
        """Forget what was written and signed here: it belongs to another case, or to a step that is taken."""
        self._words = None
        self.ids.by.text = self.ids.note.text = ""

    def _show(self) -> None:
        try:
            sheet = self._session.desk.cases.sheet(self._id)
        except NotFound as error:
            self.ways.back()
            self.ways.say(str(error))
            return
        self.sheet, self.title = sheet, sheet.title
        due = f"{day_words(sheet.due)}前办结" if sheet.due else ""
        self.facts = " · ".join(part for part in (sheet.department, sheet.number, due) if part)
        unsent, tone = state_chip(sheet.sync)
        self.state = "，".join(part for part in (sheet.state_label, unsent) if part)
        self.tone = tone if unsent else "warn" if sheet.state in AT_DOOR else "plain"
        said = (sheet.answer, f"需补：{sheet.missing}" if sheet.missing else "", sheet.reference)
        self.answer = "；".join(part for part in said if part)
        self.consent, self.signed, before = sheet.consent, sheet.signed, self.named
        self.signs = sheet.state in SIGNABLE
        self.delivers = any(choice.code == DELIVER for choice in sheet.acts)
        self._show_words(before)
        self._show_rows(sheet)
        self._show_lines(sheet)
        self._show_foot(sheet)

    def _show_words(self, before: str) -> None:
        """Go on with what was being written, once for each case, step and asking for a name."""
        words = self._words or self._session.desk.collect.opened("case", self._id)
        if self._words is None or self.named != before:
            self.ids.by.text = str(words.offered.get(self.named) or "")
        if self._words is None:
            self.ids.note.text = str(words.offered.get("act_note") or "")
        self._words, self.received = words, "receipt" in words.offered

    def _show_rows(self, sheet: CaseSheet) -> None:
        self.ids.people.clear_widgets()
        for row in (sheet.person, sheet.household):
            if row is not None:
                self.ids.people.add_widget(self._person(row))
        for part in sheet.parts:
            chip, tone = case_chip(part)
            self.ids.people.add_widget(
                RowWidget(
                    icon=kind_icon("case"),
                    title=part.title,
                    detail=part.number,
                    chip=chip,
                    tone=tone,
                    open=lambda id=part.id: self.ways.case(id),
                )
            )
        self.ids.papers.clear_widgets()
        for line in sheet.checklist:
            self.ids.papers.add_widget(self._paper(line))

    def _person(self, row: Row) -> RowWidget:
        return RowWidget(
            icon=kind_icon(row.kind),
            title=row.title,
            detail=row.subtitle,
            chip=row.kind_label,
            open=lambda: self.ways.record(row.id),
        )

    def _paper(self, line: CheckLine) -> RowWidget:
        detail = f"{day_words(line.seen_on)}验看 · {line.photos}张照片" if line.paper else "点这里登记、拍照"
        chip, tone = ("有了", "good") if line.paper else ("必交", "bad") if line.needed else ("选交", "plain")
        if line.again:
            detail, chip, tone = f"{detail} · 要求重交，还是原来那份", "重交", "bad"
        return RowWidget(
            icon="check" if line.paper and not line.again else "plus",
            title=line.label,
            detail=detail,
            chip=chip,
            tone=tone,
            open=lambda: self._open_paper(line),
        )

    def _open_paper(self, line: CheckLine) -> None:
        if line.paper:
            self.ways.record(line.paper)
            return
        try:
            self.ways.form(self._session.desk.cases.paper(self._id, line.material))
        except WorkError as error:
            self.problem = str(error)

    def _show_lines(self, sheet: CaseSheet) -> None:
        self.ids.lines.clear_widgets()
        for label, text in (("委托", sheet.signed or "还没有委托"), ("办理意见", self.answer)):
            if text:
                self.ids.lines.add_widget(ValueLine(label=label, text=text))

    def _show_foot(self, sheet: CaseSheet) -> None:
        self.ids.foot.clear_widgets()
        for choice in reversed(sheet.acts):
            self.ids.foot.add_widget(self._button(choice))

    def _button(self, choice: Choice) -> Action | Plain:
        if choice.code in _NOTED:
            button = Plain(text=choice.label, tint=theme.BAD, size_hint_x=0.5)
        else:
            button = Action(text=choice.label)
        button.bind(on_release=lambda _: self.act(choice.code))
        return button


load_kv(__file__)
