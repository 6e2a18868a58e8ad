"""Reporting an event (事件上报)."""

from field_app.store.store import Store
from field_app.work.codes import Codes
from field_app.work.collect import Collect
from field_app.work.forms import Form
from field_app.work.labels import Labels
from field_app.work.rows import Choice, Row


class Report:
    """Got as ``desk.report``; forms are saved by ``desk.collect.save``."""

    def __init__(self, store: Store, labels: Labels, codes: Codes, collect: Collect) -> None:
        self._store = store
        self._labels = labels
        self._codes = codes
        self._collect = collect

    def form(self, *, category: str | None = None) -> Form:
        """A new event with the time filled in; give it its point with ``Form.place``."""
        form = self._collect.form("event")
        if category is not None:
            form.put("category", category)
        return form

    def categories(self) -> tuple[Choice, ...]:
        """Event categories, for a quick choice."""
        return self._codes.choices("event_category")

    def rows(self) -> tuple[Row, ...]:
        """Events held, newest first."""
        with self._store.lock:
            views = [view for view in self._store.memory.views("event") if view.whole and not view.withdrawn]
            views.sort(key=lambda view: (str(view.values.get("occurred_at") or ""), view.id), reverse=True)
            return tuple(self._labels.row(view) for view in views)
