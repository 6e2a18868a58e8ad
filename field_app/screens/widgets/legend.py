"""What the markers of the map mean (图例)."""

from collections import Counter
from collections.abc import Sequence

from kivy.graphics.texture import Texture
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.map_layers import look
from field_app.work.places import Spot
from field_app.work.rows import RecordState
from governance.contract import KINDS


class LegendLine(BoxLayout):
    """One marker and its meaning."""

    texture = ObjectProperty(None)
    text = StringProperty("")


class Legend(BoxLayout):
    """One line a kind that is on the map, with its number."""

    def show(self, spots: Sequence[Spot]) -> None:
        """Explain the markers of these spots."""
        self.clear_widgets()
        for kind, count in Counter(spot.kind for spot in spots).items():
            label = KINDS[kind].label if kind in KINDS else kind
            self._add(look(kind, False), f"{label} {count}")
        unsent = [spot for spot in spots if spot.state is not RecordState.HUB]
        if unsent:
            self._add(look(unsent[0].kind, True), f"橙边：还没到平台 {len(unsent)}")

    def _add(self, texture: Texture, text: str) -> None:
        self.add_widget(LegendLine(texture=texture, text=text))


load_kv(__file__)
