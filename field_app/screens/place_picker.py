"""在地图上点: the map is moved under a cross until it stands on the place."""

from collections.abc import Callable

from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.map_canvas import MapCanvas
from field_app.screens.widgets.sheet import Sheet
from field_app.work.places import Places


class PlacePicker(Sheet):
    """Hands over (lon, lat), EPSG:4490, of the place under the cross."""

    def __init__(self, places: Places, *, then: Callable[[float, float], object], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._places, self._then = places, then
        self.ids.map.show(places.map())

    def centre(self, canvas: MapCanvas, east: float, north: float) -> None:
        """Bring a tapped place under the cross."""
        canvas.centre(east, north)

    def done(self) -> None:
        """Take the place under the cross."""
        view = self.ids.map.view
        self.dismiss()
        self._then(*self._places.degrees(view.east, view.north))


load_kv(__file__)
