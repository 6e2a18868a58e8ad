"""The services of the fixtures: brought in once, told to every tablet, and kept the same for other tests."""

from django.conf import settings

from governance.access.actor import HUB
from governance.access.services.roles import roles_sync
from governance.contract import CITY
from governance.feed.models import Entry
from governance.tasks.cases.catalogue import services_load
from governance.tasks.models import ProxyService
from tests import kept

FOLDER = settings.FIXTURES / "services"


def stored() -> list[dict[str, object]]:
    """Give the services as they stand."""
    return list(ProxyService.objects.order_by("code").values())


def told() -> set[tuple[object, int]]:
    """Give the services that tablets are told of, with their versions."""
    return set(Entry.objects.filter(grid=CITY, kind="service").values_list("record", "version"))


def test_each_is_brought_in_once_and_told(town: None) -> None:
    roles_sync()
    assert services_load(actor=HUB, folder=FOLDER) == len(stored()) > 10
    assert told() == {(row["uid"], row["version"]) for row in stored()}
    assert services_load(actor=HUB, folder=FOLDER) == 0


def test_the_kept_ones_are_those_of_the_fixtures(town: None) -> None:
    roles_sync()
    kept.services()
    rows, heard = stored(), told()
    ProxyService.objects.all().delete()
    Entry.objects.all().delete()
    services_load(actor=HUB, folder=FOLDER)
    assert (rows, heard) == (stored(), told())
