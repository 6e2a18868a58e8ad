"""What is done without network reaches the hub in the order in which it was done."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone

from governance.records.models import Building, History, Household, StoredFile
from governance.tasks.models import Task
from governance.tasks.services import tasks_offer
from governance.tasks.wanted import Wanted
from tests import factories
from tests.pictures import picture
from tests.sync.tablet_lines import Line, save, states


@pytest.fixture
def task(first: Line) -> str:
    """A task at the door that asks for the head's telephone number."""
    day = timezone.localdate()
    household = Household.objects.get().pk
    wanted = Wanted(
        occasion="item:9:door", origin="item", origin_ref="9", item="gas_check", title="用气安全检查",
        reason="入冬前检查", grid=factories.GRID, opens_on=day, due_on=day, subject_kind="household",
        subject=UUID(str(household)), household=UUID(str(household)), asks="household.head_phone",
    )  # fmt: skip
    made = str(tasks_offer([wanted], day)[0].task)
    first("sync", "--quiet")
    return made


def test_a_task_accepted_and_done_without_network_is_done_at_the_hub(first: Line, task: str) -> None:
    first("task", "accept", task)
    first("task", "done", task, "--set", "household.head_phone=10002223333")

    (report,) = first("sync", "--quiet")

    assert report["refused"] == []
    held = Task.objects.get()
    assert (held.state, held.accepted_at is not None) == ("done", True)
    assert held.household.head_phone == "10002223333"
    assert {state for state, _ in states(first)} <= {"hub"}


def test_a_household_that_was_changed_before_all_moved_away_is_closed(first: Line) -> None:
    person = save(first)
    first("sync", "--quiet")
    (household,) = first("list", "household")
    first("save", "household", json.dumps({"head_phone": "10002223333"}), "--id", household["id"])
    first("close", person, "--reason", factories.close_reason("person"))
    first("close", household["id"], "--reason", factories.close_reason("household"))

    (report,) = first("sync", "--quiet")

    assert report["refused"] == []
    assert Household.objects.get().closed_on is not None


def test_what_was_made_and_withdrawn_without_network_never_goes_out(first: Line) -> None:
    mistaken = save(first, "王示例")
    kept = save(first, "李示例")
    first("delete", mistaken)

    (report,) = first("sync", "--quiet")

    assert (report["pushed"], report["refused"]) == ({"created": 1}, [])
    assert [str(row["id"]) for row in first("list", "person")] == [kept]


@pytest.mark.usefixtures("file_folders")
def test_a_photo_that_goes_out_named_reaches_the_hub_though_it_was_taken_off_since(
    first: Line, tmp_path: Path
) -> None:
    at = {"name": "楼", "lon": factories.WEST + 0.005, "lat": factories.SOUTH + 0.005}
    building = str(first.one("save", "building", json.dumps(at))["id"])
    (tmp_path / "camera.jpg").write_bytes(picture(colour=1, side=64))
    first("photo", "add", tmp_path / "camera.jpg", "--record", building)
    save(first)
    first("save", "building", json.dumps({"photos": None}), "--id", building)

    first("sync", "--quiet")

    assert Building.objects.get(pk=building).photos is None
    named = {id for row in History.objects.filter(record=building) for id in row.set.get("photos") or ()}
    assert named == {str(id) for id in StoredFile.objects.values_list("id", flat=True)}
    assert len(named) == 1
