"""The synthetic population: valid, whole, plainly invented, the same for the same seed."""

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from shapely import Point, Polygon, box, contains_xy

from governance.console.population import ORDER, Site, street
from governance.console.population.communities import GRIDS_PER_COMMUNITY
from governance.console.population.names import MARKS
from governance.console.population.numbers import CitizenNumbers
from governance.contract import KINDS, Type, check, code_book, read_code_lists
from gridmap.divisions import communities_read

FIXTURES = Path(__file__).parents[2] / "fixtures"
BOOK = code_book(read_code_lists(FIXTURES / "codes"))
COMMUNITIES = communities_read(FIXTURES / "divisions" / "yichang_villages.csv")
TODAY = date(2026, 3, 1)
SLIVER = Polygon([(111.3, 30.7), (111.32, 30.7001), (111.32, 30.7002), (111.3, 30.7001)])


def site(code: str, kind: str = "urban", households: int = 300, polygon=None) -> Site:
    east = 111.28 + int(code[-3:]) * 0.004
    return Site(
        code,
        kind,
        households,
        polygon or box(east, 30.7, east + 0.003, 30.703),
        "土街头社区居民委员会",
        "西陵街道",
    )


SITES = (
    site("420502001001001"),
    site("420502001001002"),
    site("420502001002001", "special", 25, SLIVER),
    site("420528101214001", "rural", 150),
    site("420505001001001"),
)


@pytest.fixture(scope="module")
def batches():
    return list(street(SITES, seed=7, today=TODAY))


@pytest.fixture(scope="module")
def more():
    """Grids enough that the rarest kinds and standings occur."""
    sites = [site(f"420502001004{place:03d}") for place in range(1, 10)]
    return list(street(sites, seed=7, today=TODAY))


@pytest.fixture(scope="module")
def people(batches):
    return [row for batch in batches for row in batch.rows["person"]]


def offered(kind, row):
    return {name: value for name, value in row.items() if name in kind.by_name}


def as_bytes(batch):
    return json.dumps(batch.rows, ensure_ascii=False).encode()


def age(person, today=TODAY):
    born = date.fromisoformat(person["birth_date"])
    return (today - born) / timedelta(days=365.2425)


class TestRecords:
    @pytest.mark.parametrize("kind", ORDER)
    def test_each_passes_the_contract_as_it_is(self, batches, more, kind):
        rows = [row for batch in (*batches, *more) for row in batch.rows[kind]]
        assert rows
        for row in rows:
            values = offered(KINDS[kind], row)
            checked = check(KINDS[kind], values, BOOK)
            assert checked.problems == [], row
            assert checked.values == values
            assert set(row) == set(values) | {"id", "grid"}

    def test_references_point_to_what_came_before_in_the_batch(self, batches):
        for batch in batches:
            known = {kind: set() for kind in ORDER}
            for kind, rows in batch.rows.items():
                for item in KINDS[kind].references:
                    assert {row[item.name] for row in rows} <= known[item.target]
                known[kind] = {row["id"] for row in rows}

    def test_kinds_come_in_an_order_that_can_be_stored(self):
        for kind in ORDER:
            for item in KINDS[kind].fields:
                if item.type is Type.REF:
                    assert ORDER.index(item.target) < ORDER.index(kind)

    def test_ids_are_ascending_uuids_of_version_7_and_never_shared(self, batches):
        found = [row["id"] for batch in batches for rows in batch.rows.values() for row in rows]
        assert len(set(found)) == len(found)
        assert {UUID(one).version for one in found} == {7}
        for batch in batches:
            people = [row["id"] for row in batch.rows["person"]]
            assert people == sorted(people)

    def test_points_lie_inside_the_grid_and_apart(self, batches):
        for given, batch in zip(SITES, batches, strict=True):
            for kind in ("building", "organisation", "thing"):
                points = [(row["lon"], row["lat"]) for row in batch.rows[kind]]
                assert len(set(points)) == len(points)
                assert all(contains_xy(given.polygon, lon, lat) for lon, lat in points)
                border = given.polygon.boundary
                assert all(border.distance(Point(point)) > 0 for point in points)

    def test_there_are_as_many_households_as_the_grid_has(self, batches):
        for given, batch in zip(SITES, batches, strict=True):
            rooms = [row["room"] for row in batch.rows["household"]]
            assert len(rooms) == len(set(rooms)) == given.households
            assert len(batch.rows["room"]) > given.households


class TestSeed:
    def test_same_seed_gives_the_same_bytes(self, batches):
        again = list(street(SITES, seed=7, today=TODAY))
        assert [as_bytes(one) for one in again] == [as_bytes(one) for one in batches]

    def test_a_grid_does_not_depend_on_the_others(self, batches):
        for given, batch in zip(SITES, batches, strict=True):
            (alone,) = street([given], seed=7, today=TODAY)
            assert as_bytes(alone) == as_bytes(batch)

    def test_another_seed_gives_other_records_with_other_ids(self, batches):
        (other,) = street(SITES[:1], seed=8, today=TODAY)
        ids = {row["id"] for rows in other.rows.values() for row in rows}
        assert not ids & {row["id"] for rows in batches[0].rows.values() for row in rows}
        assert [row["name"] for row in other.rows["person"]] != [
            row["name"] for row in batches[0].rows["person"]
        ]

    def test_plain_tuples_will_do(self, batches):
        (batch,) = street([tuple(SITES[0])], seed=7, today=TODAY)
        assert batch.grid == SITES[0].code
        assert batch.count == batches[0].count


class TestNumbers:
    def test_no_two_people_share_one(self, people):
        numbers = [row["citizen_number"] for row in people if "citizen_number" in row]
        assert len(set(numbers)) == len(numbers)

    @pytest.mark.parametrize("area", ["420502", "422721", "422801"])
    def test_all_grids_asking_for_the_same_day_get_different_ones(self, area):
        communities = [one.code for one in COMMUNITIES if one.code[:6] in ("420502", "420505")]
        day = TODAY.toordinal()
        found = [
            CitizenNumbers(f"{community}{place:03d}", day).give(area, "1", day - 9000)[0]
            for community in communities
            for place in range(1, GRIDS_PER_COMMUNITY + 1)
        ]
        assert len(set(found)) == len(found)

    def test_one_grid_asking_again_gets_another(self):
        numbers = CitizenNumbers(SITES[0].code, TODAY.toordinal())
        given = [numbers.give("420502", "2", TODAY.toordinal()) for _ in range(20)]
        assert len({number for number, _ in given}) == 20
        assert all(day <= TODAY.toordinal() for _, day in given)

    def test_older_people_hold_historic_areas(self, people):
        areas = Counter(row["citizen_number"][:6] for row in people if "citizen_number" in row)
        assert areas["420502"] > 300
        assert any(area.startswith("4227") for area in areas)
        assert areas["420521"]
        young = [row["citizen_number"][:4] for row in people if "citizen_number" in row and age(row) < 20]
        assert "4227" not in young

    def test_last_digits_tell_people_of_a_grid_apart(self, batches):
        last = Counter(
            row["citizen_number"][-4:] for row in batches[0].rows["person"] if "citizen_number" in row
        )
        assert max(last.values()) <= 5


class TestPeople:
    def test_all_are_plainly_invented(self, batches, people):
        for person in people:
            assert set(person["name"][1:]) & set(MARKS)
        phones = [
            value
            for batch in batches
            for rows in batch.rows.values()
            for row in rows
            for name, value in row.items()
            if name.endswith("phone")
        ]
        assert phones
        assert all(len(one) == 11 and one[:4] == "1000" and one[4] not in "01" for one in phones)

    def test_households_are_families(self, batches, people):
        homes = {}
        for person in people:
            homes.setdefault(person["household"], []).append(person)
        assert len(homes) == sum(one.households for one in SITES)
        assert 2.4 < len(people) / len(homes) < 2.8
        for members in homes.values():
            assert [one["relation"] for one in members].count("02") == 1
            head = members[0]
            for one in members[1:]:
                self.hold_against_head(head, one)

    @staticmethod
    def hold_against_head(head, member):
        relation, older = member["relation"], age(member) - age(head)
        if relation in ("11", "12"):
            assert member["sex"] == relation[1] != head["sex"]
            assert abs(older) < 8
        elif relation[0] in "23" and relation not in ("28", "38"):
            assert member["sex"] == ("1" if relation[0] == "2" else "2")
            assert older < -17
        elif relation[0] == "4":
            assert older < -34
        elif relation[0] == "5":
            assert older > 17
            assert member["sex"] == relation[1]

    @pytest.mark.parametrize("today", [TODAY, date(2028, 2, 21), date(2027, 1, 1), date(2024, 2, 29)])
    def test_some_turn_60_and_85_about_today_and_some_were_just_born(self, today):
        for batch in street(SITES[:2], seed=7, today=today):
            people = batch.rows["person"]
            days = [(date.fromisoformat(one["birth_date"]), one) for one in people]
            for years, least in ((60, 2), (85, 1)):
                near = [
                    born
                    for born, _ in days
                    if born.year + years in (today.year - 1, today.year, today.year + 1)
                    and abs((born - today).days + years * 365.2425) <= 17
                ]
                assert len(near) >= least
            newborn = [one for born, one in days if (today - born).days < 30]
            assert newborn
            assert all(born <= today for born, _ in days)

    def test_a_newborn_has_a_birth_certificate_and_is_not_registered_yet(self, people):
        newborn = [one for one in people if age(one) < 28 / 365]
        assert newborn
        for one in newborn:
            assert "citizen_number" not in one
            assert one["document_kind"] == "117"
            assert one["unregistered_reason"] == "03"

    def test_most_are_registered_some_floating_few_left_behind_or_from_abroad(self, more):
        kinds = Counter(row["residence_kind"] for batch in more for row in batch.rows["person"])
        total = sum(kinds.values())
        assert kinds["1"] > 0.8 * total
        assert 0.05 * total < kinds["2"] < 0.15 * total
        assert 0 < kinds["3"] < 0.05 * total
        assert 0 < kinds["4"] < 0.01 * total

    def test_floating_people_live_in_rented_rooms(self, batches):
        for batch in batches:
            rooms = {row["id"]: row for row in batch.rows["room"]}
            homes = {row["id"]: rooms[row["room"]] for row in batch.rows["household"]}
            for person in batch.rows["person"]:
                assert homes[person["household"]]["rented"] is (person["residence_kind"] in "24")

    def test_the_left_behind_are_in_their_register(self, batches):
        for batch in batches:
            left = {row["id"] for row in batch.rows["person"] if row["residence_kind"] == "3"}
            assert {row["person"] for row in batch.rows["care_left_behind"]} == left


class TestBadInput:
    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            (site("420502001001001", "city"), "类型“city”"),
            (site("420502001001001", households=9000), "户数9000"),
            (site("420502001099001"), "没有社区 420502001099"),
            (site("42050200100100"), "应为15位数字"),
            (site("420502001001999"), "序号应在1到40之间"),
            (site("420502001001001", polygon=Polygon([(1, 1), (2, 2), (1, 1)])), "范围为空"),
        ],
    )
    def test_it_is_refused_with_the_reason(self, given, reason):
        with pytest.raises(ValueError, match=reason):
            list(street([given], seed=7, today=TODAY))

    def test_an_empty_grid_has_no_people(self):
        (batch,) = street([site("420502001001001", "special", 0)], seed=7, today=TODAY)
        assert len(batch.rows["building"]) == 1
        assert batch.rows["person"] == batch.rows["household"] == []
