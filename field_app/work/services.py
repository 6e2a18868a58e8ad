"""代办事项: what can be done on a resident's behalf, as the hub told of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from field_app.store.state import View
from field_app.store.store import Store


@dataclass(frozen=True, slots=True)
class Service:
    """One service, or a bundle of several (一件事), which then has ``parts`` and no materials of its own.

    ``needed`` and ``optional`` are codes of list ``case_material``; ``days`` are working days; ``task_items``
    are the matters of tasks that it answers.
    """

    code: str
    label: str
    department: str
    days: int
    needed: tuple[str, ...]
    optional: tuple[str, ...]
    parts: tuple[str, ...]
    task_items: tuple[str, ...]
    enabled: bool


class Services:
    """The catalogue from the ``service`` records."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> tuple[Service, ...]:
        """Give what may be begun, bundles first."""
        with self._store.lock:
            held = [_service(view) for view in self._store.memory.views("service")]
        usable = (service for service in held if service.enabled)
        return tuple(sorted(usable, key=lambda each: (not each.parts, each.code)))

    def get(self, code: object) -> Service | None:
        """Give a service by its code, also one that is no longer offered; None where it is not known."""
        with self._store.lock:
            views = self._store.memory.views("service")
            return next((_service(view) for view in views if view.values.get("code") == code), None)

    def for_task(self, item: object) -> tuple[Service, ...]:
        """Give the services that answer a task of some matter."""
        return tuple(service for service in self.all() if item in service.task_items)


def _service(view: View) -> Service:
    values = view.values
    days = values.get("days")
    return Service(
        code=str(values.get("code") or ""),
        label=str(values.get("label") or ""),
        department=str(values.get("department") or ""),
        days=days if isinstance(days, int) else 0,
        needed=_texts(values.get("needed")),
        optional=_texts(values.get("optional")),
        parts=_texts(values.get("parts")),
        task_items=_texts(values.get("task_items")),
        enabled=values.get("enabled") is True,
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, Iterable) else ()
