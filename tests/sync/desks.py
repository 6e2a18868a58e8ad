"""Real tablets against the real hub in one process, for the tests of what a tablet may hold."""

from pathlib import Path

from field_app.ports.secret import SecretFile
from field_app.store.memory import Memory
from field_app.store.state import View
from field_app.store.vault import Vault
from field_app.work.session import Session
from tests import factories
from tests.sync.django_transport import DjangoTransport

PIN = "246810"


class Desk:
    """A worker's tablet: enrolled, unlocked, with a network that ``transport.fault`` spoils."""

    def __init__(self, folder: Path, username: str, device: str = "平板") -> None:
        self.transport = DjangoTransport()
        folder.mkdir(parents=True, exist_ok=True)
        vault = Vault(folder, SecretFile(folder))
        self.session = Session(vault, lambda _: self.transport, searching=False)
        self.session.enrol(
            hub="https://hub.example", username=username, password=factories.PASSWORD, device=device, pin=PIN
        )

    def sync(self) -> None:
        """Push and pull."""
        self.session.sync()

    def collect(
        self, kind: str, *, parent: str | None = None, id: str | None = None, **values: object
    ) -> str:
        """Fill in a form and save it; gives the record's id."""
        form = self.session.desk.collect.form(kind, id=id, parent=parent)
        for name, value in values.items():
            form.put(name, value)
        return str(self.session.desk.collect.save(form).id)

    def person(self, household: str, name: str) -> str:
        """Collect a person in a household."""
        return self.collect("person", parent=household, name=name, residence_kind="1", sex="1")

    def view(self, id: str) -> View | None:
        """Give a record as the worker sees it."""
        return self._memory().view(id)

    def holds(self, *ids: str) -> bool:
        """Whether all of the records are at hand."""
        return all(self.view(id) is not None for id in ids)

    def values(self) -> str:
        """Give everything that is kept in the open memory, to look for what should be gone."""
        memory = self._memory()
        return str((memory.held, memory.entries))

    def _memory(self) -> Memory:
        store = self.session._store
        assert store is not None
        return store.memory

    def unsent(self) -> int:
        """Count the changes that the hub has not answered."""
        return self.session.desk.outbox.counts().unsent
