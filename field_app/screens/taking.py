"""Taking photos into a form (拍照): with the camera or, on a desktop, from a file."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from field_app.ports.camera import Camera
from field_app.screens import errand
from field_app.screens.shots import shot
from field_app.screens.widgets.fields import Sink
from field_app.screens.widgets.photos import FileSheet
from field_app.work.desk import Desk
from field_app.work.errors import WorkError
from field_app.work.forms import Form
from field_app.work.photos import named
from field_app.work.session import Session, SessionState

FormOf = Callable[[str], "tuple[Form, str] | None"]
"""Gives the form and field that a line's photos go into; None while another is in front."""


class Taking:
    """Puts photos into whatever form is in front when the worker asks for one.

    ``changed`` is told after each, ``say`` what went wrong.
    """

    def __init__(
        self,
        session: Session,
        camera: Camera,
        *,
        form: FormOf,
        changed: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self._session, self._camera = session, camera
        self._form, self._changed, self._say = form, changed, say

    def sink(
        self,
        *,
        put: Callable[[str, object], None],
        put_text: Callable[[str, str], None],
        today: Callable[[], date],
    ) -> Sink:
        """Give where a form's lines hand over their answers."""
        return Sink(
            put=put,
            put_text=put_text,
            today=today,
            shot=lambda id: shot(self._session.desk.photos, id),
            camera=self.take,
            file=self.choose if self._camera.chooses else None,
            unshot=self.drop,
        )

    def take(self, name: str) -> None:
        """Let the worker take a photo; when he is done, the form may be left and the tablet locked."""
        held, take = self._form(name), self._camera.take
        if held is None:
            return
        form, field = held
        desk, let_go = self._session.desk, self._session.hold()

        def done(id: str | None) -> None:
            try:
                if id is None:
                    self._say("没有拍到照片")
                else:
                    self._taken(form, field, name, id, desk)
            finally:
                let_go()

        def failed(error: WorkError) -> None:
            let_go()
            self._say(str(error))

        errand.send(lambda: desk.photos.take(form, field, take), done=done, failed=failed)

    def choose(self, name: str) -> None:
        """Let the worker choose a file."""
        FileSheet(then=lambda path: self._add(name, path)).open()

    def drop(self, name: str, id: str) -> None:
        """Take a photo off again."""
        held = self._form(name)
        if held is not None:
            self._session.desk.photos.remove(*held, id)
            self._changed()

    def _add(self, name: str, path: Path) -> None:
        held, desk = self._form(name), self._session.desk
        if held is None:
            return
        try:
            id = desk.photos.add(*held, path)
        except WorkError as error:
            self._say(str(error))
            return
        self._taken(*held, name, id, desk)

    def _taken(self, form: Form, field: str, name: str, id: str, desk: Desk) -> None:
        """Keep the photo at once, in what its form is by now: one that no draft names goes at unlocking."""
        collect = (self._session.desk if self._session.state is SessionState.OPEN else desk).collect
        held = self._form(name)
        shown = held is not None and held[0].id == form.id
        now = held[0] if held is not None and shown else collect.since(form)
        if id not in named(now, field):
            now.put(field, [*named(now, field), id])
        if shown:
            self._changed()
        collect.keep(now)
