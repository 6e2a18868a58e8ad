"""档案: one record in full, and what may be done with it."""

from kivy.properties import BooleanProperty, NumericProperty, OptionProperty, StringProperty

from field_app import theme
from field_app.screens import errand
from field_app.screens.base import View, Ways
from field_app.screens.close_sheet import CloseSheet
from field_app.screens.shots import shot
from field_app.screens.widgets.basics import Action, Plain
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.labels import TONES, kind_icon, state_chip
from field_app.screens.widgets.picker import Option, Picker
from field_app.screens.widgets.rows import heading
from field_app.screens.widgets.sheet import Question
from field_app.screens.widgets.value_line import ValueLine
from field_app.work.collect import KindChoice
from field_app.work.errors import NotFound, WorkError
from field_app.work.records import Sheet
from field_app.work.rows import RecordState, Row
from field_app.work.session import Session


class RecordScreen(View):
    """Values on one side, what hangs on the record on the other."""

    title = StringProperty("")
    where = StringProperty("")
    state = StringProperty("")
    tone = OptionProperty("plain", options=list(theme.TONES))
    message = StringProperty("")
    closed = BooleanProperty(False)
    children_count = NumericProperty(0)

    def __init__(self, session: Session, *, ways: Ways, **kwargs: object) -> None:
        super().__init__(ways=ways, **kwargs)
        self._session = session
        self._id = self._kind = ""
        self._asked: set[str] = set()
        self._adds: tuple[KindChoice, ...] = ()

    def arrive(self, id: str, **_: object) -> None:
        """Show a record."""
        if id != self._id:
            self.ids.page.scroll_y = 1
            self._asked.clear()
        self._id = id
        self._show()

    def refresh(self) -> None:
        """Show it as it now is; go back when it left the tablet."""
        self._show()

    def _show(self) -> None:
        desk = self._session.desk
        try:
            sheet = desk.records.sheet(self._id)
        except NotFound as error:
            self.ways.back()
            self.ways.say(str(error))
            return
        self._kind = sheet.kind
        self.title = sheet.title
        self.where = " · ".join(part for part in (sheet.kind_label, sheet.where) if part)
        self.state = "已注销" if _closed(sheet) else sheet.state_label
        self.message = "" if sheet.message == self.state else sheet.message
        self.tone = "plain" if _closed(sheet) else TONES[sheet.state]
        self._adds = () if sheet.closed else desk.collect.kinds(under=self._id)
        self._show_foot(sheet)
        self._show_values(sheet)

    def _show_foot(self, sheet: Sheet) -> None:
        """Offer what may be done with this record, and nothing else."""
        foot = self.ids.foot
        foot.clear_widgets()
        offers = (
            (sheet.may_withdraw, Plain(text="撤回", tint=theme.BAD, size_hint_x=0.5), self.withdraw),
            (sheet.may_close, Plain(text="注销", tint=theme.BAD, size_hint_x=0.5), self.close),
            (bool(self._adds), Plain(text="在这里登记…"), self.add),
            (self._kind == "person" and not sheet.closed, Plain(text="代办…"), self.serve),
            (sheet.may_edit, Action(text="修改"), self.edit),
        )
        for offered, button, act in offers:
            if offered:
                button.bind(on_release=lambda _, act=act: act())
                foot.add_widget(button)

    def _show_values(self, sheet: Sheet) -> None:
        lines = self.ids.lines
        lines.clear_widgets()
        for line in sheet.lines:
            lines.add_widget(ValueLine(label=line.label, text=line.text, note=line.note))
        self._show_photos(sheet)
        self.ids.steps.clear_widgets()
        for step in sheet.steps:
            self.ids.steps.add_widget(ValueLine(label=step.when, text=step.what))
        self.children_count = len(sheet.children)
        rows: list[dict[str, object]] = []
        for label in dict.fromkeys(row.kind_label for row in sheet.children):
            group = [row for row in sheet.children if row.kind_label == label]
            rows.append(heading(f"{label}　{len(group)}"))
            rows.extend(self._row(row) for row in group)
        self.ids.below.show(rows, from_top=False)

    def _show_photos(self, sheet: Sheet) -> None:
        """Show what is here of the photos; what is not is fetched from the hub, where there is one."""
        photos = self._session.desk.photos
        shots = [shot(photos, id) for id in sheet.photos]
        self.ids.photos.show(shots)
        missing = [each.id for each in shots if each.data is None and each.id not in self._asked]
        self._asked.update(missing)
        if missing:
            errand.send(lambda: self._fetch(missing), done=self._fetched, failed=_leave)

    def _fetch(self, ids: list[str]) -> bool:
        found = [self._session.photo(id, thumb=True) for id in ids]
        return any(data is not None for data in found)

    def _fetched(self, some: bool) -> None:
        if some and self.manager is not None:
            self._show()

    def _row(self, row: Row) -> dict[str, object]:
        chip, tone = ("已注销", "plain") if _closed(row) else state_chip(row.state)
        return {
            "title": row.title,
            "detail": row.subtitle,
            "icon": kind_icon(row.kind),
            "chip": chip,
            "tone": tone,
            "open": lambda: self.ways.record(row.id),
        }

    def edit(self) -> None:
        """Open the record's form, or go on with it."""
        self.ways.form(self._session.desk.collect.opened(self._kind, self._id))

    def add(self) -> None:
        """Add a record that hangs on this one."""
        if len(self._adds) == 1:
            self._add(self._adds[0].kind)
            return
        options = [Option(choice.kind, choice.label, icon=kind_icon(choice.kind)) for choice in self._adds]
        Picker(
            title="在这里登记",
            options=options,
            chosen=(),
            clears=False,
            then=lambda kinds: self._add(kinds[0]),
        ).open()

    def _add(self, kind: str) -> None:
        self.ways.form(self._session.desk.collect.form(kind, parent=self._id))

    def serve(self) -> None:
        """Begin a service on this person's behalf."""
        services = self._session.desk.cases.offered(self._id)
        if not services:
            self.ways.say("没有可以代办的事项，或都已在办；请先联网同步")
            return
        options = [Option(each.code, each.label, icon=kind_icon("case")) for each in services]
        Picker(
            title="替他代办什么",
            options=options,
            chosen=(),
            clears=False,
            then=lambda codes: self._serve(codes[0]),
        ).open()

    def _serve(self, code: str) -> None:
        try:
            begun = self._session.desk.cases.begin(code, self._id)
        except WorkError as error:
            self.ways.say(str(error))
            return
        self.ways.case(begun[0].id)

    def close(self) -> None:
        """Ask for the reason, then close the record."""
        records = self._session.desk.records
        CloseSheet(self.title, records.reasons(self._kind), close=self._close).open()

    def _close(self, reason: str) -> str:
        try:
            self._session.desk.records.close(self._id, reason=reason)
        except WorkError as error:
            return str(error)
        self._show()
        self.ways.say("注销已存在本机，联网后自动送到平台")
        return ""

    def withdraw(self) -> None:
        """Ask once more, then take back a record made by mistake."""
        Question(
            title="撤回这条登记？",
            text=f"{self.title}\n登记错了才撤回；人搬走、房拆了，请用“注销”。",
            yes="撤回",
            then=self._withdraw,
        ).open()

    def _withdraw(self) -> None:
        try:
            saved = self._session.desk.records.withdraw(self._id)
        except WorkError as error:
            self.ways.say(str(error))
            return
        self.ways.back()
        self.ways.say("撤回已存在本机，联网后自动送到平台" if saved.change else "已撤回，平台没有收到过它")


def _leave(_: WorkError) -> None:
    """Leave it: without a network the place of a photo stays empty."""


def _closed(shown: Sheet | Row) -> bool:
    """Whether the hub too knows the record as closed; until then its own state is what counts."""
    return shown.closed and shown.state is RecordState.HUB


load_kv(__file__)
