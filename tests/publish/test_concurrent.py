"""A department that polls while others write misses nothing and keeps nothing it should not."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Any

import msgspec
import pytest
from django.db import connection

from governance.access.actor import HUB
from governance.access.models import Department
from governance.access.scope import Scope
from governance.feed.models import Entry
from governance.publish.pull import page_read
from governance.publish.selectors import actor_for_department
from governance.records.models import Person
from tests import factories
from tests.factories import GRID, NEXT, apply, change
from tests.publish.conftest import agree, town_make

WRITERS = 4
EDITS = 25


class Reader:
    """A department's copy, kept up by pulling."""

    def __init__(self) -> None:
        self.agreement = agree(area=factories.COMMUNITY)
        department = Department.objects.get(pk="civil")
        self.actor = actor_for_department(department, factories.COMMUNITY, "核对", "")
        self.copy: dict[str, tuple[int, str]] = {}
        self.cursor = ""

    def pull(self) -> bool:
        """Take one page; say whether more waits."""
        page = page_read(actor=self.actor, agreement=self.agreement, cursor=self.cursor, limit=7)
        reply = msgspec.json.decode(page.as_bytes())
        for row in reply["changes"]:
            if "gone" in row:
                self.copy.pop(row["id"], None)
            else:
                self.copy[row["id"]] = (row["version"], row["record"]["phone"])
        self.cursor = reply["cursor"]
        return bool(reply["more"])

    def follow(self, stop: Event) -> None:
        """Pull until told to stop, then to the end."""
        try:
            while not stop.is_set():
                self.pull()
            while self.pull():
                pass
            self.pull()
        finally:
            connection.close()


def write(number: int, people: list[str], rooms: dict[str, str]) -> None:
    """Change people of one's own at random: values, state, home."""
    chance = random.Random(number)
    hub = replace(HUB, scope=Scope(frozenset({GRID, NEXT})))
    try:
        for step in range(EDITS):
            values: dict[str, Any] = chance.choice(
                [
                    {"phone": f"1000{number:03}{step:04}"},
                    {"verification": chance.choice("13")},
                    {"household": chance.choice(list(rooms.values()))},
                ]
            )
            (result,) = apply(hub, change("person", chance.choice(people), **values))
            assert result.status in ("updated", "merged", "identical"), result
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_polling_reader_holds_what_the_hub_holds_when_the_writers_rest() -> None:
    town_make()
    here = factories.home(factories.hub_in(GRID))
    there = factories.home(factories.hub_in(NEXT), lon=factories.EAST + 0.005)
    rooms = {GRID: here["household"], NEXT: there["household"]}
    people = [
        factories.person(factories.hub_in(GRID), rooms[GRID], phone="10000000000", verification="3")
        for _ in range(WRITERS * 3)
    ]
    reader, stop = Reader(), Event()
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        following = pool.submit(reader.follow, stop)
        writing = [pool.submit(write, n, people[n::WRITERS], rooms) for n in range(WRITERS)]
        try:
            for future in writing:
                future.result()
        finally:
            stop.set()
        following.result()
    held = Person.objects.filter(verification="3").values_list("id", "version", "phone")
    assert reader.copy == {str(id_): (version, phone) for id_, version, phone in held}
    assert not Entry.objects.filter(number=None).exists()
    numbers = list(Entry.objects.values_list("number", flat=True))
    assert len(set(numbers)) == len(numbers)
