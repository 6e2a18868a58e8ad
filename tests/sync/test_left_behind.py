"""What a tablet still holds of a grid that is no longer its worker's: nothing, however it came there."""

from pathlib import Path

import pytest

from field_app.ports.secret import SecretFile
from field_app.store import keyring
from field_app.store.vault import Vault
from field_app.sync.errors import Offline
from field_app.work.session import Session
from governance.access.models import Post
from tests import factories
from tests.sync.django_transport import DjangoTransport

PIN = "246810"


@pytest.mark.usefixtures("town")
def test_a_record_whose_answer_came_late_leaves_with_its_grid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "COST", 2**4)
    worker = factories.worker("worker", factories.GRID, factories.NEXT)
    factories.home(factories.hub_in())
    weather = [""]
    transport = DjangoTransport(lambda: weather[0])
    session = Session(Vault(tmp_path, SecretFile(tmp_path)), lambda _: transport, searching=False)
    session.enrol(
        hub="https://hub.example", username="worker", password=factories.PASSWORD, device="平板", pin=PIN
    )
    session.sync()
    desk = session.desk
    (home,) = desk.records.rows("household")
    form = desk.collect.form("person", parent=home.id)
    for field, value in (("name", "王示例"), ("residence_kind", "1")):
        form.put(field, value)
    made = desk.collect.save(form).id

    weather[0] = "unanswered"
    with pytest.raises(Offline):
        session.sync()
    Post.objects.filter(worker=worker, grid=factories.GRID).delete()
    weather[0] = ""
    session.sync()

    assert factories.model("person").objects.filter(pk=made).exists()
    assert not desk.records.rows("person")
    session.close()
