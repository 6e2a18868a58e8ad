"""查找: one box, answers at each letter."""

from kivy.properties import StringProperty

from field_app.screens.base import View, Ways
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.labels import kind_icon, state_chip
from field_app.work.find import Hit
from field_app.work.session import Session

_KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("全部", ()),
    ("人", ("person",)),
    ("房", ("building", "room", "household")),
    ("组织", ("organisation",)),
    ("事", ("event",)),
    ("物", ("thing",)),
)


class FindScreen(View):
    """Name, pinyin initials, last four digits, address: whatever the worker remembers."""

    query = StringProperty("")
    narrow = StringProperty("全部")

    def __init__(self, session: Session, *, ways: Ways, **kwargs: object) -> None:
        super().__init__(ways=ways, **kwargs)
        self._session = session

    def arrive(self, **_: object) -> None:
        """Show what was looked for last."""
        self._show(from_top=False)

    def refresh(self) -> None:
        """Search again."""
        self._show(from_top=False)

    def search(self, *_: object) -> None:
        """Search for what is in the box."""
        self._show(from_top=True)

    on_query = on_narrow = search

    def _show(self, *, from_top: bool) -> None:
        query = self.query.strip()
        hits = self._session.desk.find.search(query, kinds=dict(_KINDS)[self.narrow]) if query else ()
        self.ids.rows.show([self._row(hit) for hit in hits], from_top=from_top)
        empty = self.ids.empty
        empty.opacity = 0 if hits else 1
        if query:
            empty.text, empty.hint = (
                f"没有找到“{query}”",
                "换个说法再试，词与词之间空一格；平板上只有您网格里的资料",
            )
        else:
            empty.text, empty.hint = (
                "找人、找房、找店",
                "输入姓名、拼音首字母（如 wxm）、电话或证件后四位、地址（如 1栋 101）",
            )

    def _row(self, hit: Hit) -> dict[str, object]:
        row = hit.row
        chip, tone = state_chip(row.state)
        if not chip:
            chip, tone = ("已注销", "plain") if row.closed else (row.kind_label, "plain")
        return {
            "title": row.title,
            "detail": f"{row.subtitle}（{hit.why}）" if hit.why else row.subtitle,
            "icon": kind_icon(row.kind),
            "chip": chip,
            "tone": tone,
            "open": lambda: self.ways.record(row.id),
        }


load_kv(__file__)
