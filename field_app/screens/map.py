"""地图: the worker's grids, buildings and events; a tap opens what is there."""

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from field_app.ports.gps import Fix, Gps
from field_app.screens import errand
from field_app.screens.base import View, Ways
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.labels import kind_icon, state_chip
from field_app.work.errors import WorkError
from field_app.work.places import Spot
from field_app.work.session import Session


class MapScreen(View):
    """Pan, pinch, tap; where several things lie together a list asks which is meant."""

    problem = StringProperty("")
    locating = BooleanProperty(False)
    found = NumericProperty(0)

    def __init__(self, session: Session, *, ways: Ways, gps: Gps, **kwargs: object) -> None:
        super().__init__(ways=ways, **kwargs)
        self._session, self._gps = session, gps
        self._revision = -1

    def arrive(self, **_: object) -> None:
        """Draw what is held."""
        self.found, self.problem = 0, ""
        self.refresh()

    def refresh(self) -> None:
        """Draw it anew when something has changed."""
        if self._revision != self._session.revision:
            self._revision = self._session.revision
            data = self._session.desk.places.map()
            self.ids.map.show(data)
            self.ids.legend.show(data.spots)
            self.problem = "" if data.areas else "平板上还没有网格边界，同步一次就有了"

    def tap(self, east: float, north: float, reach: float) -> None:
        """Open the only thing there, or list them."""
        spots = self._session.desk.places.spots_at(east, north, reach)
        if len(spots) == 1:
            self.found = 0
            self.ways.record(spots[0].id)
            return
        self.found = len(spots)
        self.ids.found.show([self._row(spot) for spot in spots])

    def _row(self, spot: Spot) -> dict[str, object]:
        chip, tone = state_chip(spot.state)
        row = self._session.desk.records.row(spot.id)
        return {
            "title": row.title,
            "detail": row.subtitle,
            "icon": kind_icon(spot.kind),
            "chip": chip or row.kind_label,
            "tone": tone,
            "open": lambda: self.ways.record(spot.id),
        }

    def locate(self) -> None:
        """Show where the worker stands."""
        self.locating, self.problem = True, ""
        errand.send(self._gps.fix, done=self._take_fix, failed=self._no_fix)

    def _take_fix(self, fix: Fix | None) -> None:
        if self.manager is None:
            return
        self.locating = False
        if fix is None:
            self.problem = "没有收到定位信号，请到室外再试"
            return
        east, north = self._session.desk.places.metres(fix.lon, fix.lat)
        self.ids.map.locate((east, north, fix.accuracy or 0.0))
        area = self._session.desk.places.area_at(east, north)
        self.problem = "" if area else "您现在不在自己的网格里"

    def _no_fix(self, error: WorkError) -> None:
        self.locating, self.problem = False, str(error)


load_kv(__file__)
