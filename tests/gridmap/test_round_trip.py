"""Export and import give the same grids back, in every format and coordinate system."""

import json
from pathlib import Path

import geopandas
import pyogrio
import pytest
from django.core.management import CommandError, call_command
from geopandas.testing import assert_geodataframe_equal

from gridmap.drafts import GridDraft
from gridmap.exchange.importing import grids_import
from gridmap.exchange.writing import drafts_stored
from gridmap.models import Grid
from gridmap.partition import DEFAULT_SEED, partition
from gridmap.services import divisions_load, grids_replace
from tests.gridmap.conftest import ONE

pytestmark = pytest.mark.django_db

SUFFIXES = ["gpkg", "shp", "geojson"]
SYSTEMS = ["4490", "4326", "GCJ02"]


STREET = "420502001"


@pytest.fixture(scope="session")
def street_drafts(communities: list, outlines: dict) -> list[GridDraft]:
    """西陵街道 as the partition makes it."""
    return partition(communities, outlines, seed=DEFAULT_SEED, only=STREET)


@pytest.fixture
def street(db: None, communities: list, outlines: dict, street_drafts: list[GridDraft]) -> list[GridDraft]:
    divisions_load(
        communities=[item for item in communities if item.code.startswith(STREET)],
        outlines={"420502": outlines["420502"]},
        city_name="宜昌市",
    )
    grids_replace(drafts=street_drafts)
    return street_drafts


@pytest.mark.parametrize("crs", SYSTEMS)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_exported_comes_back_unchanged(
    street: list[GridDraft], tmp_path: Path, suffix: str, crs: str
) -> None:
    path = tmp_path / f"street.{suffix}"
    call_command("grids_export", path, crs=crs, verbosity=0)
    report = grids_import(path=path)
    assert (report.faults, report.crs) == ([], crs)
    assert report.replaced.unchanged == [item.code for item in street]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_fills_an_empty_hub(street: list[GridDraft], tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"street.{suffix}"
    call_command("grids_export", path, verbosity=0)
    before = drafts_stored("")
    Grid.objects.all().delete()
    report = grids_import(path=path)
    assert (report.faults, len(report.replaced.created)) == ([], len(before))
    assert drafts_stored("") == before


def test_formats_hold_the_same(town: list[GridDraft], tmp_path: Path) -> None:
    frames = []
    for suffix in SUFFIXES:
        call_command("grids_export", tmp_path / f"town.{suffix}", crs="4326", verbosity=0)
        frames.append(geopandas.read_file(tmp_path / f"town.{suffix}"))
    for frame in frames[1:]:
        assert_geodataframe_equal(frames[0], frame, check_dtype=False, normalize=True)


def test_column_names_fit_a_shapefile(town: list[GridDraft], tmp_path: Path) -> None:
    call_command("grids_export", tmp_path / "town.shp", verbosity=0)
    fields = pyogrio.read_info(tmp_path / "town.shp")["fields"]
    assert list(fields) == ["code", "name", "kind", "community", "households", "area_m2", "source"]
    assert all(len(name.encode()) <= 10 for name in fields)


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
@pytest.mark.parametrize("keeps_cpg", [True, False])
def test_chinese_text_in_shapefiles(
    town: list[GridDraft], tmp_path: Path, encoding: str, keeps_cpg: bool
) -> None:
    path = tmp_path / "town.shp"
    call_command("grids_export", path, encoding=encoding, verbosity=0)
    assert town[0].name.encode(encoding) in path.with_suffix(".dbf").read_bytes()
    if not keeps_cpg:
        path.with_suffix(".cpg").unlink()
    assert len(grids_import(path=path).replaced.unchanged) == 8


def test_gcj02_is_noted_since_it_has_no_number(town: list[GridDraft], tmp_path: Path) -> None:
    for suffix in SUFFIXES:
        call_command("grids_export", tmp_path / f"town.{suffix}", crs="GCJ02", verbosity=0)
    assert json.loads((tmp_path / "town.geojson").read_text())["crs_code"] == "GCJ02"
    assert json.loads((tmp_path / "town.note.json").read_text())["crs_code"] == "GCJ02"
    info = pyogrio.read_info(tmp_path / "town.gpkg", layer="grids")
    assert (info["layer_metadata"]["crs_code"], info["crs"]) == ("GCJ02", None)


def test_gcj02_coordinates_are_shifted(town: list[GridDraft], tmp_path: Path) -> None:
    call_command("grids_export", tmp_path / "town.geojson", crs="GCJ02", verbosity=0)
    frame = geopandas.read_file(tmp_path / "town.geojson")
    shift = frame.geometry.iloc[0].centroid.x - town[0].polygon.centroid.x
    assert 0.0052 < shift < 0.0059


def test_an_export_leaves_nothing_of_a_former_one(town: list[GridDraft], tmp_path: Path) -> None:
    call_command("grids_export", tmp_path / "town.shp", verbosity=0)
    assert (tmp_path / "town.prj").exists()
    call_command("grids_export", tmp_path / "town.shp", crs="GCJ02", verbosity=0)
    assert not (tmp_path / "town.prj").exists()


def test_files_say_that_polygons_are_synthetic(tmp_path: Path, street: list[GridDraft]) -> None:
    for suffix in SUFFIXES:
        call_command("grids_export", tmp_path / f"street.{suffix}", verbosity=0)
    notes = [
        json.loads((tmp_path / "street.geojson").read_text())["note"],
        json.loads((tmp_path / "street.note.json").read_text())["note"],
        pyogrio.read_info(tmp_path / "street.gpkg")["layer_metadata"]["note"],
    ]
    assert all("不是实测界线" in note for note in notes)


def test_surveyed_polygons_are_not_called_synthetic(tmp_path: Path, town: list[GridDraft]) -> None:
    call_command("grids_export", tmp_path / "town.geojson", verbosity=0)
    assert "合成" not in json.loads((tmp_path / "town.geojson").read_text())["note"]


def test_a_part_is_exported(town: list[GridDraft], tmp_path: Path) -> None:
    call_command("grids_export", tmp_path / "one.geojson", only=ONE, verbosity=0)
    assert list(geopandas.read_file(tmp_path / "one.geojson")["code"]) == [item.code for item in town[:4]]


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("town.txt", {}, "格式不认识，应为 .gpkg、.shp、.geojson、.json 之一"),
        ("town.gpkg", {"only": "4299"}, "没有编码以“4299”开头的现行网格"),
    ],
)
def test_what_cannot_be_exported_is_refused(
    town: list[GridDraft], tmp_path: Path, name: str, options: dict, reason: str
) -> None:
    with pytest.raises(CommandError, match=reason):
        call_command("grids_export", tmp_path / name, verbosity=0, **options)
    assert list(tmp_path.iterdir()) == []
