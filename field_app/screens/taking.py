"""Taking photos into a form (拍照): with the camera or, on a desktop, from a file."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from field_app.ports.camera import Camera
from field_app.screens import errand
from field_app.screens.shots import shot
from field_app.screens.widgets.fields import Sink
from field_app.screens.widgets.photos import FileSheet
from field_app.work.errors import WorkError
from field_app.work.forms import Form
from field_app.work.photos import named
from field_app.work.session import Session

FormOf = Callable[[str], "tuple[Form, str] | None"]
"""Gives the form and field that a line's photos go into; None once the form was left."""


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
        """Let the worker take a photo; the form may have been left when he is done."""
        held, take = self._form(name), self._camera.take
        if held is not None:
            form, field = held
            errand.send(
                lambda: self._session.desk.photos.take(form, field, take),
                done=lambda id: self._taken(form, name, id),
                failed=lambda error: self._say(str(error)),
            )

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
        held = self._form(name)
        if held is None:
            return
        try:
            self._session.desk.photos.add(*held, path)
        except WorkError as error:
            self._say(str(error))
            return
        self._changed()

    def _taken(self, form: Form, name: str, id: str | None) -> None:
        now = self._form(name)
        if id is None:
            self._say("没有拍到照片")
        elif now is None or now[0].id != form.id:
            self._session.desk.collect.keep(form)
        else:
            if now[0] is not form:  # it was left and opened again meanwhile
                now[0].put(now[1], [*named(*now), id])
            self._changed()
