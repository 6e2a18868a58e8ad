"""以房管人: from building to room to household, to the record that a new one hangs on."""

from collections.abc import Sequence

from kivy.properties import StringProperty

from field_app.screens.base import View, Ways
from field_app.screens.widgets.basics import Plain
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.labels import kind_icon, state_chip
from field_app.work.collect import KindChoice
from field_app.work.errors import NotFound
from field_app.work.rows import Row
from field_app.work.session import Session

_ASKS = {"building": "在哪栋楼？", "room": "在哪间房？", "household": "在哪一户？", "person": "是哪个人？"}


class DoorScreen(View):
    """Goes down level by level, or straight there by search; what is missing on the way can be added."""

    title = StringProperty("")
    path = StringProperty("")
    query = StringProperty("")

    def __init__(self, session: Session, *, ways: Ways, **kwargs: object) -> None:
        super().__init__(ways=ways, **kwargs)
        self._session = session
        self._choice: KindChoice | None = None
        self._at = ""

    def arrive(self, choice: KindChoice, **_: object) -> None:
        """Look for the record of kind ``choice.under``; coming back, go on where one was."""
        if self._choice != choice:
            self._choice, self._at, self.ids.search.text = choice, "", ""
        self.title = f"登记{choice.label}：{_ASKS.get(choice.under, f'先找到{choice.under_label}')}"
        self._show()

    def refresh(self) -> None:
        """Show the level again."""
        self._show(from_top=False)

    def go_back(self) -> bool:
        """Go one level up; False at the top."""
        if not self._at:
            self._choice = None
            return False
        path = self._session.desk.homes.path(self._at)
        self._at = path[-2].id if len(path) > 1 else ""
        self._show()
        return True

    def on_query(self, *_: object) -> None:
        """Show what the search finds."""
        self._show()

    def _show(self, *, from_top: bool = True) -> None:
        desk = self._session.desk
        try:
            path = desk.homes.path(self._at) if self._at else ()
        except NotFound:  # it left the tablet
            self._at, path = "", ()
        self.path = " › ".join(row.title for row in path)
        query = self.query.strip()
        if query:
            kinds = ("building", "room", "household", "person")
            rows: Sequence[Row] = [hit.row for hit in desk.find.search(query, kinds=kinds)]
        else:
            rows = desk.homes.below(self._at) if self._at else desk.homes.top()
        self.ids.rows.show([self._row(row) for row in rows], from_top=from_top)
        self.ids.empty.opacity = 0 if rows else 1
        self._show_adds()

    def _show_adds(self) -> None:
        desk = self._session.desk
        self.ids.adds.clear_widgets()
        wanted = ("room", "household", "person")
        choices = desk.collect.kinds(under=self._at) if self._at else desk.collect.kinds()
        for choice in choices:
            if (self._at and choice.kind in wanted) or (not self._at and choice.kind == "building"):
                self.ids.adds.add_widget(self._add(choice))

    def _add(self, choice: KindChoice) -> Plain:
        parent = self._at or None
        button = Plain(text=f"新增{choice.label}")
        button.bind(
            on_release=lambda _: self.ways.form(self._session.desk.collect.form(choice.kind, parent=parent))
        )
        return button

    def _row(self, row: Row) -> dict[str, object]:
        chip, tone = state_chip(row.state)
        here = self._choice is not None and row.kind == self._choice.under
        if here and not chip:
            chip, tone = "就是这里", "accent"
        return {
            "title": row.title,
            "detail": row.subtitle,
            "icon": kind_icon(row.kind),
            "chip": chip,
            "tone": tone,
            "open": lambda: self._take(row),
        }

    def _take(self, row: Row) -> None:
        if self._choice is not None and row.kind == self._choice.under:
            self.ways.form(self._session.desk.collect.form(self._choice.kind, parent=row.id))
            return
        self._at = row.id
        self.ids.search.text = ""
        self._show()


load_kv(__file__)
