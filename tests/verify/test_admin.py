"""The queue of differences in the console."""

import pytest
from django.test import Client

from governance.access.actor import Actor
from governance.access.models import Post
from governance.audit.models import AuditEntry
from governance.records.models import Contested, Person
from tests import factories
from tests.factories import GRID, apply, change

QUEUE = "/admin/verify/difference/"


@pytest.fixture
def row(worker: Actor, home: dict[str, str]) -> Contested:
    """A telephone number that two workers changed."""
    id_ = factories.person(worker, home["household"])
    apply(worker, change("person", id_, base=1, phone="10001234567"))
    other = factories.tablet(factories.worker("second"), "second")
    apply(other, change("person", id_, base=1, phone="10007654321"))
    return Contested.objects.get()


@pytest.fixture
def leader(row: Contested, client: Client) -> Client:
    """A browser of someone who settles differences of the grid."""
    account = factories.user("leader", "grid_leader")
    Post.objects.create(worker=account, grid=GRID, kind="stand_in", starts_on="2026-01-01")
    client.force_login(account)
    return client


def act(client: Client, name: str, row: Contested) -> str:
    answer = client.post(QUEUE, {"action": name, "_selected_action": [row.pk]}, follow=True)
    return answer.content.decode()


@pytest.mark.parametrize(("name", "phone"), [("accept", "10007654321"), ("keep", "10001234567")])
def test_a_difference_is_taken_or_left(leader: Client, row: Contested, name: str, phone: str) -> None:
    assert "已核定1条" in act(leader, name, row)
    assert Person.objects.get(pk=row.record).phone == phone
    assert "待核定" in leader.get(QUEUE).content.decode()
    assert "100****4321" not in leader.get(QUEUE).content.decode()
    assert "100****4321" in leader.get(QUEUE + "?settled=yes").content.decode()


def test_the_list_is_masked_and_the_page_in_full_is_entered(leader: Client, row: Contested) -> None:
    listed = leader.get(QUEUE).content.decode()
    assert "100****4321" in listed
    assert "10007654321" not in listed
    assert "10007654321" in leader.get(f"{QUEUE}{row.pk}/change/").content.decode()
    entry = AuditEntry.objects.get(action="verify.read")
    assert (entry.username, entry.subject) == ("leader", row.record)


def test_what_cannot_be_taken_is_told(leader: Client, row: Contested) -> None:
    gone = change("person", row.record, base=2)
    gone.delete = True
    apply(factories.hub_in(), gone)
    assert "作废" in act(leader, "accept", row)


def test_others_do_not_see_the_queue(row: Contested, client: Client) -> None:
    client.force_login(factories.user("clerk", "intake_clerk"))
    assert client.get(QUEUE).status_code == 403
    commander = factories.user("commander", "commander")
    Post.objects.create(worker=commander, grid=GRID, kind="stand_in", starts_on="2026-01-01")
    client.force_login(commander)
    assert client.get(QUEUE).status_code == 200
    act(client, "accept", row)
    assert Contested.objects.filter(settled_at=None).exists()
