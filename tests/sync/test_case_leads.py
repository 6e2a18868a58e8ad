"""A bundle of services whose lead is not what it was: one signature, and nothing that cannot be signed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from field_app.store import keyring
from field_app.store.errors import StoreError
from field_app.store.unit import Unit
from field_app.work.errors import Refused
from governance.contract.casework import HAND_IN, WITHDRAW
from tests import factories
from tests.sync.desks import Desk
from tests.tasks.desk import COMMUNITY_DESK, at_station, case_of, clerk, desk_make, state_of

pytestmark = pytest.mark.database

BUNDLE = "newborn"


@pytest.fixture
def desk(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(keyring, "COST", 2**4)
    desk_make()
    factories.worker()
    made = Desk(tmp_path / "tablet", "worker")
    made.sync()
    return made


@pytest.fixture
def baby(desk: Desk) -> str:
    building = desk.collect("building", name="1号楼", lon=factories.WEST + 0.005, lat=factories.SOUTH + 0.005)
    room = desk.collect("room", parent=building, number="101")
    household = desk.collect("household", parent=room, head_name="王示例")
    return desk.collect(
        "person", parent=household, name="王小宝", birth_date="2026-11-01", residence_kind="1"
    )


def begin(desk: Desk, person: str) -> list[str]:
    return [saved.id for saved in desk.session.desk.cases.begin(BUNDLE, person)]


def sign(desk: Desk, case: str) -> list[str]:
    def written(target: Path) -> Path:
        Image.new("L", (60, 40), 255).save(target, "JPEG")
        return target

    return [saved.id for saved in desk.session.desk.cases.sign(case, written, by="王示例")]


def hand_in(desk: Desk, case: str) -> str:
    """Bring all materials, hand a case in, and give its state at the hub."""
    cases = desk.session.desk.cases
    for line in cases.sheet(case).checklist:
        if line.needed and not line.paper:
            desk.session.desk.collect.save(cases.paper(case, line.material))
    cases.act(case, HAND_IN)
    desk.sync()
    return state_of(case)


def leads(desk: Desk, cases: list[str]) -> list[object]:
    views = [desk.view(case) for case in cases]
    return [view.values.get("lead") if view is not None else "?" for view in views]


def died(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object], after: int) -> None:
    """Have the disk fill up after so many cases."""
    put, left = Unit.put_entry, [after]

    def full(self: Unit, entry: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            raise StoreError("存储空间已满")
        return put(self, entry)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Unit, "put_entry", full)
        with pytest.raises(StoreError):
            act()


def test_a_bundle_whose_beginning_was_cut_goes_on_under_the_same_lead(
    desk: Desk, baby: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    died(monkeypatch, lambda: begin(desk, baby), after=2)
    rest = begin(desk, baby)
    (lead, *others) = sorted(row.id for row in desk.session.desk.cases.rows(person=baby))
    assert set(rest) < set(others)
    assert leads(desk, [lead, *others]) == [None, *[lead] * len(others)]
    assert set(sign(desk, rest[0])) == {lead, *others}
    assert hand_in(desk, rest[0]) == "submitted"


@pytest.mark.parametrize("known", [False, True])
def test_the_others_can_be_signed_for_when_the_lead_was_taken_back(
    desk: Desk, baby: str, known: bool
) -> None:
    lead, second, *others = begin(desk, baby)
    if known:
        desk.sync()
    desk.session.desk.cases.act(lead, WITHDRAW, note="不办了")
    if known:
        desk.sync()
    assert set(sign(desk, second)) == {second, *others}
    assert leads(desk, [second, *others]) == [None, *[second] * len(others)]
    assert hand_in(desk, others[0]) == "submitted"
    assert case_of(second).values["signature"]
    assert hand_in(desk, second) == "submitted"


@pytest.mark.parametrize("known", [False, True])
def test_the_others_can_be_signed_for_when_the_lead_was_a_mistake(desk: Desk, baby: str, known: bool) -> None:
    lead, second, *others = begin(desk, baby)
    if known:
        desk.sync()
    desk.session.desk.records.withdraw(lead)
    assert set(sign(desk, others[0])) == {second, *others}
    assert hand_in(desk, second) == "submitted"
    assert desk.session.desk.outbox.counts().refused == 0


def test_what_was_signed_and_handed_in_is_not_signed_anew(desk: Desk, baby: str) -> None:
    lead, second, *_ = begin(desk, baby)
    sign(desk, second)
    assert hand_in(desk, lead) == "submitted"
    with pytest.raises(Refused, match="委托不能再改"):
        sign(desk, second)
    at_station(clerk("clerk", COMMUNITY_DESK), lead, "return", note="照片看不清", missing=["03"])
    desk.sync()
    assert lead in sign(desk, second)
