"""Late work is taken in the order in which it came; what its tablet's clock made of the ids says nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.access.models import Post
from governance.contract import uuid7
from governance.records.models import Household, Inbox
from governance.records.services.inbox import inbox_take
from tests import factories
from tests.sync.tablet import Tablet, offer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("together", [True, False])
def test_of_two_words_on_one_field_the_later_to_come_stands(town: None, together: bool) -> None:
    """Between them the tablet's clock was set back, and the program was started anew."""
    factories.tablet(factories.worker("wang"))
    hub = factories.hub_in(factories.GRID)
    home = factories.home(hub)["household"]
    Post.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    later, earlier = (str(uuid7()) for _ in range(2))
    first = offer("household", home, 1, head_name="先写的") | {"change": earlier}
    second = offer("household", home, 1, head_name="后写的") | {"change": later}
    tablet = Tablet()
    for push in [[first, second]] if together else [[first], [second]]:
        assert {result["errors"][0]["code"] for result in tablet.push(*push)} == {"scope"}
    taken = inbox_take(actor=hub, changes=list(Inbox.objects.values_list("pk", flat=True)))
    assert taken.count == 2
    assert Household.objects.get(pk=home).head_name == "后写的"
