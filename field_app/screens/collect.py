"""采集: choosing what to record, and going on with what was left unfinished."""

from kivy.properties import NumericProperty

from field_app.screens.base import View, Ways
from field_app.screens.widgets.basics import Tile
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.labels import ELEMENT_ICONS, kind_icon
from field_app.screens.widgets.picker import Option, Picker
from field_app.screens.widgets.rows import heading
from field_app.screens.widgets.sheet import Question
from field_app.work.collect import DraftRow, KindChoice
from field_app.work.session import Session

_ORDER = ("人", "地", "物", "事", "组织")
_WORDS = {"地": "房"}
_HINTS = {"物": "井盖、路灯等部件", "组织": "企业、商户、社会组织"}
_HINT_WORDS = 2


class CollectScreen(View):
    """Six tiles (人 房 物 事 组织 代办) and the list of drafts."""

    columns = NumericProperty(6)

    def __init__(self, session: Session, *, ways: Ways, **kwargs: object) -> None:
        super().__init__(ways=ways, **kwargs)
        self._session = session

    def arrive(self, **_: object) -> None:
        """Show the tiles and drafts."""
        self._show_tiles()
        self.refresh()

    def refresh(self) -> None:
        """Show the drafts again."""
        drafts = self._session.desk.collect.drafts()
        rows = [heading("没填完的")] if drafts else []
        self.ids.rows.show([*rows, *(self._row(draft) for draft in drafts)])
        self.ids.empty.opacity = 0 if drafts else 1

    def _show_tiles(self) -> None:
        elements: dict[str, list[KindChoice]] = {element: [] for element in _ORDER}
        for choice in self._session.desk.collect.kinds():
            elements.setdefault(choice.element, []).append(choice)
        self.ids.tiles.clear_widgets()
        for element, choices in elements.items():
            if choices:
                self.ids.tiles.add_widget(self._tile(element, choices))
        services = Tile(text="代办", icon=kind_icon("case"), hint="替居民跑腿办事")
        services.bind(on_release=lambda _: self.ways.cases())
        self.ids.tiles.add_widget(services)

    def _tile(self, element: str, choices: list[KindChoice]) -> Tile:
        labels = [choice.label for choice in choices]
        hint = "、".join(labels[:_HINT_WORDS]) + ("等" if len(labels) > _HINT_WORDS else "")
        hint = hint if len(labels) > 1 else _HINTS.get(element, hint)
        tile = Tile(text=_WORDS.get(element, element), icon=ELEMENT_ICONS.get(element, "collect"), hint=hint)
        tile.bind(on_release=lambda _: self._choose(element, choices))
        return tile

    def _choose(self, element: str, choices: list[KindChoice]) -> None:
        if len(choices) == 1:
            self._begin(choices[0])
            return
        by_kind = {choice.kind: choice for choice in choices}
        options = [Option(choice.kind, choice.label, icon=kind_icon(choice.kind)) for choice in choices]
        title = f"{_WORDS.get(element, element)}：要登记什么"
        Picker(
            title=title,
            options=options,
            chosen=(),
            clears=False,
            then=lambda kinds: self._begin(by_kind[kinds[0]]),
        ).open()

    def _begin(self, choice: KindChoice) -> None:
        if choice.under:
            self.ways.door(choice)
        else:
            self.ways.form(self._session.desk.collect.form(choice.kind))

    def _resume(self, draft: DraftRow) -> None:
        if draft.stuck:
            text = f"{draft.stuck}。丢掉以后，填的内容找不回来。"
            Question(
                title="这份接不下去了", text=text, yes="丢掉", no="先留着", then=lambda: self._drop(draft)
            ).open()
        elif draft.kind == "task":
            self.ways.task(draft.record)
        elif draft.kind == "case" and not draft.repairs:
            self.ways.case(draft.record)
        else:
            self.ways.form(self._session.desk.collect.resume(draft.draft))

    def _drop(self, draft: DraftRow) -> None:
        self._session.desk.collect.drop(draft.draft)
        self.refresh()

    def _row(self, draft: DraftRow) -> dict[str, object]:
        return {
            "title": draft.title,
            "detail": draft.when,
            "icon": kind_icon(draft.kind),
            "chip": "接不下去" if draft.stuck else "接着填",
            "tone": "warn" if draft.stuck else "accent",
            "open": lambda: self._resume(draft),
        }


load_kv(__file__)
