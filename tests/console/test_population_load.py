"""Storing the synthetic population: through the records' services, whole grids, safe to repeat."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from governance.console.population import Site, grid_fill
from governance.console.population.load import PopulationError, population_load
from governance.feed.models import Entry
from governance.records.codes import lists_forget
from governance.records.models import Building, Code, History, Person
from governance.records.models.base import model_of
from gridmap.drafts import polygon_from_wkb
from gridmap.models import Grid
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 1)
STREET = "420502001"
HOUSEHOLDS = 25


@pytest.fixture
def empty_town():
    """Two grids with few households, and code lists."""
    factories.codes()
    for shift, code in enumerate((factories.GRID, factories.NEXT)):
        factories.grid(code, shift=shift)
    Grid.objects.update(households=HOUSEHOLDS)


def load(prefix=STREET, **options):
    said = []
    stored = population_load(prefix=prefix, seed=7, today=TODAY, say=said.append, **options)
    return stored, said


def test_every_record_made_is_stored_and_told_to_the_feed(empty_town):
    stored, said = load()
    for grid in Grid.objects.all():
        site = Site(
            grid.code,
            grid.kind,
            HOUSEHOLDS,
            polygon_from_wkb(grid.polygon),
            grid.community.name,
            grid.community.parent.name,
        )
        batch = grid_fill(site, seed=7, today=TODAY)
        for kind, rows in batch.rows.items():
            held = {str(one.pk) for one in model_of(kind).objects.filter(grid=grid.code)}
            assert held == {row["id"] for row in rows}
            assert Entry.objects.filter(grid=grid.code, kind=kind).count() == len(rows)
        person = batch.rows["person"][0]
        kept = Person.objects.get(pk=person["id"])
        assert (kept.name, str(kept.household_id)) == (person["name"], person["household"])
        assert kept.origins[0]["s"] == "worker"
    assert stored.total() == History.objects.count()
    assert stored["household"] == 2 * HOUSEHOLDS
    assert said == [f"合成人口：2/2 个网格，{stored.total()} 条记录"]


def test_a_second_load_changes_nothing(empty_town):
    first, _ = load()
    again, said = load()
    assert not again
    assert said == ["2 个网格已有数据，保持不变"]
    assert History.objects.count() == first.total()


def test_a_load_that_was_cut_short_goes_on_with_the_next_grid(empty_town):
    load(factories.GRID)
    before = set(Person.objects.values_list("pk", flat=True))
    stored, said = load()
    assert stored["household"] == HOUSEHOLDS
    assert said[0] == "1 个网格已有数据，保持不变"
    assert before < set(Person.objects.values_list("pk", flat=True))


def test_a_grid_with_a_real_building_stays_as_it_is(empty_town):
    actor = factories.tablet(factories.worker())
    factories.home(actor)
    before = Building.objects.filter(grid=factories.GRID).count()
    load()
    assert Building.objects.filter(grid=factories.GRID).count() == before
    assert Person.objects.filter(grid=factories.NEXT).exists()


def test_a_grid_that_is_refused_leaves_nothing_behind(empty_town):
    Code.objects.filter(list_id="marital", code="20").delete()
    lists_forget()
    with pytest.raises(PopulationError, match=r"人员未能保存.*代码“20”不在代码表中"):
        load()
    assert not Building.objects.exists()
    assert not History.objects.exists()
    assert not Entry.objects.filter(grid=factories.GRID).exists()


def test_an_unknown_area_is_named(empty_town):
    with pytest.raises(PopulationError, match="没有编码以 420503 开头的网格"):
        load("420503")


class TestCommand:
    def test_it_says_what_it_stored(self, empty_town, capsys):
        call_command("population_load", only=STREET, seed=7, today="2026-03-01")
        said = capsys.readouterr().out
        assert f"户 {2 * HOUSEHOLDS}，" in said

    def test_ages_are_those_of_today_where_no_day_is_given(self, empty_town):
        call_command("population_load", only=STREET, verbosity=0)
        assert Person.objects.count() > 2 * HOUSEHOLDS

    @pytest.mark.parametrize(
        ("options", "reason"),
        [
            ({"only": "西陵"}, "应为4至15位数字"),
            ({"only": "429999999"}, "没有编码以 429999999 开头的网格"),
            ({"only": STREET, "today": "2026-02-30"}, "--today“2026-02-30”应为日期"),
        ],
    )
    def test_bad_input_is_refused_with_the_reason(self, empty_town, options, reason):
        with pytest.raises(CommandError, match=reason):
            call_command("population_load", **options)
