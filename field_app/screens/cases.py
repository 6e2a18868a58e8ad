"""代办: the cases under way, those that wait for the worker first."""

from kivy.properties import BooleanProperty

from field_app.screens.base import View, Ways
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.labels import case_chip, day_words, kind_icon
from field_app.screens.widgets.rows import heading
from field_app.work.cases import CaseRow
from field_app.work.session import Session


class CasesScreen(View):
    """A list; a case opens on a tap. New ones are begun at the person they are for."""

    ended = BooleanProperty(False)

    def __init__(self, session: Session, *, ways: Ways, **kwargs: object) -> None:
        super().__init__(ways=ways, **kwargs)
        self._session = session

    def arrive(self, **_: object) -> None:
        """Show the list."""
        self.refresh()

    def turn(self) -> None:
        """Show those that have ended, or those under way."""
        self.ended = not self.ended
        self.refresh()

    def refresh(self) -> None:
        """Show it as it now is."""
        rows = self._session.desk.cases.rows(ended=self.ended)
        shown: list[dict[str, object]] = []
        groups = (
            ("轮到我办的", [row for row in rows if row.mine]),
            ("已办结的" if self.ended else "等站点和部门的", [row for row in rows if not row.mine]),
        )
        for label, group in groups:
            if group:
                shown += [heading(f"{label}　{len(group)}"), *(self._row(row) for row in group)]
        self.ids.rows.show(shown)
        self.ids.empty.opacity = 0 if rows else 1

    def _row(self, row: CaseRow) -> dict[str, object]:
        due = f"{day_words(row.due)}前" if row.due else ""
        chip, tone = case_chip(row)
        told = row.state_label if chip != row.state_label else ""
        return {
            "title": f"{row.title}　{row.subject}",
            "detail": " · ".join(part for part in (told, row.door, row.number, due) if part),
            "icon": kind_icon("case"),
            "chip": chip,
            "tone": tone,
            "open": lambda: self.ways.case(row.id),
        }


load_kv(__file__)
