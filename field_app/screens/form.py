"""填表: one record's form, generated from the contract by the presenter."""

from collections.abc import Callable
from datetime import date

from kivy.clock import Clock
from kivy.properties import BooleanProperty, StringProperty

from field_app.ports.camera import Camera
from field_app.ports.gps import Fix, Gps
from field_app.screens import errand
from field_app.screens.base import View, Ways
from field_app.screens.place_picker import PlacePicker
from field_app.screens.taking import Taking
from field_app.screens.widgets.kv import load_kv
from field_app.screens.widgets.sheet import Question
from field_app.work.errors import Refused, WorkError
from field_app.work.forms import Form
from field_app.work.session import Session

_NAMED = 4


class FormScreen(View):
    """Lines, place, save; what is typed is kept as a draft all the time."""

    title = StringProperty("")
    where = StringProperty("")
    problem = StringProperty("")
    located = BooleanProperty(False)
    place = StringProperty("")
    locating = BooleanProperty(False)

    def __init__(
        self,
        session: Session,
        *,
        ways: Ways,
        gps: Gps,
        camera: Camera,
        today: Callable[[], date],
        **kwargs: object,
    ) -> None:
        super().__init__(ways=ways, **kwargs)
        self._session, self._gps = session, gps
        taking = Taking(session, camera, form=self._form_of, changed=self._changed, say=ways.say)
        self._sink = taking.sink(put=self._put, put_text=self._put_text, today=today)
        self._form: Form | None = None
        self._checked = False
        self._position: dict[str, object] | None = None

    def arrive(self, form: Form, **_: object) -> None:
        """Show a form; a form with problems (to be repaired) shows them at once."""
        if self._form is not form:
            self.ids.sections.clear_widgets()
            self.ids.page.scroll_y = 1
            self._position = None
            self._checked = self.locating = False
        self._form = form
        self.title, self.where, self.located = form.title, form.where, form.located
        self._show()
        if form.problems:
            self._show_first_problem()

    def depart(self) -> None:
        """Keep what was typed as a draft."""
        self.kept()
        if self._form is not None:
            self._session.desk.collect.keep(self._form)

    def save(self) -> None:
        """Store it; what is wrong is shown under its line."""
        if self._form is None:
            return
        try:
            saved = self._session.desk.collect.save(self._form, position=self._position)
        except Refused:
            self._checked = True
            self._show()
            self._show_first_problem()
            return
        except WorkError as error:
            self.problem = str(error)
            return
        new, self._form = self._form.new, None
        said = "已存在本机，联网后自动送到平台" if saved.change else "没有改动"
        if new:
            self.ways.saved(saved.id)
        else:
            self.ways.back()
        self.ways.say("；".join((said, *saved.remarks)))

    def discard(self) -> None:
        """Ask, then throw away what was typed."""
        text = "填的内容会丢掉，找不回来。"
        Question(title="不要这份了？", text=text, yes="不要了", no="接着填", then=self._discard).open()

    def _discard(self) -> None:
        form, self._form = self._form, None
        if form is not None:
            self._session.desk.collect.drop(form.draft)
        self.ways.back()

    def locate(self) -> None:
        """Take the place where the worker stands."""
        self.locating, self.problem = True, ""
        form = self._form
        errand.send(self._gps.fix, done=lambda fix: self._take_fix(form, fix), failed=self._no_fix)

    def point(self) -> None:
        """Let the worker point at the map."""
        PlacePicker(self._session.desk.places, then=self._take_point).open()

    def _take_fix(self, form: Form | None, fix: Fix | None) -> None:
        """Put the place into the form that it was asked for, unless that was left meanwhile."""
        if self.manager is None or form is not self._form:
            return
        self.locating = False
        if fix is None:
            self.problem = "没有收到定位信号，请到室外再试，或在地图上点"
        elif form is not None:
            self._position = {"lon": fix.lon, "lat": fix.lat, "accuracy": fix.accuracy, "crs": fix.crs}
            form.place(fix.lon, fix.lat, accuracy=fix.accuracy, crs=fix.crs)
            self._changed()

    def _no_fix(self, error: WorkError) -> None:
        self.locating, self.problem = False, str(error)

    def _take_point(self, lon: float, lat: float) -> None:
        if self._form is not None:
            self._form.place(lon, lat)
            self._changed()

    def _form_of(self, name: str) -> tuple[Form, str] | None:
        return (self._form, name) if self._form is not None and self.in_front else None

    def _put(self, name: str, value: object) -> None:
        if self._form is not None:
            self._form.put(name, value)
            self._changed()

    def _put_text(self, name: str, text: str) -> None:
        if self._form is not None:
            self._form.put_text(name, text)
            self._changed()

    def _changed(self) -> None:
        self.keep_soon()
        self._show()

    def _show(self) -> None:
        form = self._form
        if form is None:
            return
        if self._checked:
            form.check()
        fields = form.fields
        self.ids.sections.show(fields, self._sink)
        self.place = form.place_text
        wrong = [*form.general_problems, *(field.label for field in fields if field.problem)]
        self.problem = f"有 {len(wrong)} 处要改：{'、'.join(wrong[:_NAMED])}" if wrong else ""

    def _show_first_problem(self) -> None:
        bad = [line for line in self.ids.sections.lines() if line.problem]
        self.ids.page.scroll_y = 1
        if bad:
            Clock.schedule_once(lambda _: self.ids.page.scroll_to(bad[0], padding=80, animate=False))


load_kv(__file__)
