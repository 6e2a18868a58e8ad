"""Every bad feature of a file is named, and nothing is stored."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
import pytest
import shapely
from django.core.management import CommandError, call_command
from shapely.geometry import mapping

from gridmap.crs import from_4490
from gridmap.drafts import GridDraft
from gridmap.exchange.faults import ImportReport
from gridmap.exchange.importing import grids_import
from gridmap.models import Grid
from gridmap.selectors import map_number
from gridmap.services import grid_merge, grids_replace
from tests.gridmap.conftest import EMPTY, ONE, OTHER, square

pytestmark = pytest.mark.django_db

Document = dict[str, Any]
FIRST = f"{ONE}001"


def feature(item: GridDraft, **values: Any) -> Document:
    properties = {
        "code": item.code,
        "name": item.name,
        "kind": item.kind,
        "community": item.community,
        "households": item.households,
    }
    return {"type": "Feature", "properties": properties | values, "geometry": mapping(item.polygon)}


@pytest.fixture
def features(divisions: None, town_drafts: list[GridDraft]) -> list[Document]:
    """The town's grids as GeoJSON features; they are not stored yet."""
    return [feature(item) for item in town_drafts]


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., ImportReport]:
    """Import features from a GeoJSON file."""

    def loaded(features: list[Document], **options: Any) -> ImportReport:
        path = tmp_path / "town.geojson"
        members = options.pop("members", {})
        document = {"type": "FeatureCollection", **members, "features": features}
        path.write_text(json.dumps(document), encoding="utf-8")
        return grids_import(path=path, **options)

    return loaded


def faults(report: ImportReport) -> list[tuple[str, int | None, str]]:
    return [(fault.kind.value, fault.feature, fault.code) for fault in report.faults]


def moved(polygon: shapely.Polygon, change: Callable) -> Document:
    return mapping(shapely.transform(polygon, change))


def test_a_faultless_file_is_stored(features: list[Document], load: Callable) -> None:
    report = load(features)
    assert (report.faults, report.crs, len(report.replaced.created)) == ([], "4326", 8)
    assert Grid.objects.get(code=FIRST).source == "town.geojson"


def test_checking_only_stores_nothing(features: list[Document], load: Callable) -> None:
    report = load(features, check_only=True)
    assert (report.faults, report.replaced) == ([], None)
    assert not Grid.objects.exists()


def test_chinese_words_for_kinds_and_numbers_for_codes_are_read(
    features: list[Document], load: Callable
) -> None:
    for item in features:
        item["properties"] |= {"kind": "城镇基础网格", "code": int(item["properties"]["code"])}
    assert load(features).faults == []
    assert Grid.objects.get(code=FIRST).kind == "urban"


@pytest.mark.parametrize(
    ("values", "kind", "reason"),
    [
        ({"code": "42050200100100"}, "code", "网格编码“42050200100100”应为15位数字"),
        ({"code": None}, "code", "网格编码“”应为15位数字"),
        ({"code": f"{ONE}000"}, "code", "001至999的3位序号"),
        ({"community": "4205020010"}, "community", "社区编码“4205020010”应为12位数字"),
        ({"community": OTHER}, "mismatch", f"网格编码与所属社区 {OTHER} 不符"),
        (
            {"code": "420599001001001", "community": "420599001001"},
            "community",
            "社区 420599001001 不在区划表里",
        ),
        ({"name": ""}, "name", "名称不能为空"),
        ({"name": "长" * 61}, "name", "不能超过60字"),
        ({"kind": "village"}, "kind", "类型“village”不认识"),
        ({"households": -3}, "households", "户数“-3”应为0至5000的整数"),
        ({"households": 3.5}, "households", "户数“3.5”"),
        ({"households": 5001}, "households", "户数“5001”"),
        ({"households": None}, "households", "户数“”"),
        ({"households": "许多"}, "households", "户数“许多”"),
    ],
)
def test_bad_values(
    features: list[Document], load: Callable, values: Document, kind: str, reason: str
) -> None:
    features[0]["properties"] |= values
    report = load(features)
    assert [fault[:2] for fault in faults(report)] == [(kind, 1)]
    assert reason in report.faults[0].line()
    assert not Grid.objects.exists()


@pytest.mark.parametrize(
    ("geometry", "kind", "reason"),
    [
        (None, "empty", "没有图形"),
        ({"type": "Polygon", "coordinates": []}, "empty", "图形是空的"),
        ({"type": "Polygon", "coordinates": [[[111.28, 30.7], [111.29, 30.7]]]}, "geometry", "点数不足"),
        (
            {"type": "Polygon", "coordinates": [[[111.28, 30.7], [111.29, 30.7], [111.29, 30.71]]]},
            "geometry",
            "没有闭合",
        ),
        (
            mapping(shapely.Polygon([(111.28, 30.7), (111.29, 30.71), (111.29, 30.7), (111.28, 30.71)])),
            "geometry",
            "边界自相交，位置 111.285 30.705",
        ),
        ({"type": "Point", "coordinates": [111.285, 30.705]}, "geometry", "应为单个面，现为 Point"),
        (
            mapping(shapely.MultiPolygon([square(0, 0, 0.4, 1), square(0.6, 0, 0.4, 1)])),
            "geometry",
            "应为单个面，现为 MultiPolygon",
        ),
        (mapping(square(500, 0)), "outside", "在本市范围之外"),
        (moved(square(0, 0), lambda xy: xy[:, ::-1]), "outside", "可能是投影坐标或经纬度颠倒"),
        (moved(square(0, 0), lambda xy: xy * 1000), "outside", "可能是投影坐标"),
    ],
)
def test_bad_geometry(
    features: list[Document], load: Callable, geometry: Document | None, kind: str, reason: str
) -> None:
    features[2]["geometry"] = geometry
    report = load(features)
    assert faults(report) == [(kind, 3, f"{ONE}003")]
    assert reason in report.faults[0].reason
    assert not Grid.objects.exists()


def test_a_multipolygon_of_one_part_is_taken(features: list[Document], load: Callable) -> None:
    features[0]["geometry"] = mapping(shapely.MultiPolygon([square(0, 1)]))
    assert load(features).faults == []


def test_heights_are_left_out(features: list[Document], load: Callable) -> None:
    features[0]["geometry"] = mapping(shapely.force_3d(square(0, 1), 80))
    assert load(features).faults == []


def test_an_overlap_names_both_its_area_and_place(features: list[Document], load: Callable) -> None:
    features[0]["geometry"] = mapping(square(0, 1, 1.1, 1))
    report = load(features)
    (fault,) = report.faults
    assert (fault.kind, fault.feature, fault.code, fault.others) == ("overlap", 1, FIRST, (f"{ONE}002",))
    assert fault.area_m2 == pytest.approx(106_150, rel=0.01)
    assert square(1, 1, 0.1, 1).covers(shapely.Point(fault.at))
    assert "重叠" in fault.reason


def test_a_hole_is_a_gap_with_area_and_place(features: list[Document], load: Callable) -> None:
    features[3]["geometry"] = mapping(square(1, 0).difference(square(1.4, 0.4, 0.2, 0.2)))
    (fault,) = load(features).faults
    assert (fault.kind, fault.others) == ("gap", (f"{ONE}004",))
    assert fault.area_m2 == pytest.approx(42_460, rel=0.01)
    assert square(1.4, 0.4, 0.2, 0.2).covers(shapely.Point(fault.at))
    assert f"周边网格 {ONE}004" in fault.reason


def test_what_was_covered_and_no_longer_is_counts_as_a_gap(features: list[Document], load: Callable) -> None:
    load(features)
    report = load(features[:3])
    assert [fault.kind for fault in report.faults] == ["gap"]
    assert report.faults[0].area_m2 == pytest.approx(1_061_500, rel=0.01)
    assert Grid.objects.filter(valid_to=None).count() == 8


def test_the_place_of_a_community_not_drawn_yet_is_no_gap(
    features: list[Document], load: Callable, town_drafts: list[GridDraft]
) -> None:
    ring = square(-0.5, -0.5, 6, 4).difference(square(0, 0, 4, 2))
    around = feature(town_drafts[0], code=f"{EMPTY}001", community=EMPTY) | {"geometry": mapping(ring)}
    assert [fault.kind for fault in load([around]).faults] == ["gap"]
    far = [item for item in features if item["properties"]["community"] == OTHER]
    west = mapping(square(-0.5, -0.5, 2.5, 4).difference(square(0, 0, 2, 2)).union(square(2, 2, 2, 1)))
    around = feature(town_drafts[0], code=f"{OTHER}009", community=OTHER) | {"geometry": west}
    assert load([*far, around]).faults == []


def test_an_old_hole_elsewhere_is_not_blamed_on_the_file(
    features: list[Document], load: Callable, town_drafts: list[GridDraft]
) -> None:
    ring = square(5, 3).difference(square(5.4, 3.4, 0.2, 0.2))
    grids_replace(drafts=[replace(town_drafts[0], code=f"{EMPTY}001", polygon=ring)])
    assert load(features).faults == []


def test_an_overlap_with_a_stored_neighbour(features: list[Document], load: Callable) -> None:
    load(features[4:])
    features[1]["geometry"] = mapping(square(1, 1, 1.5, 1))
    (fault,) = load(features[:4]).faults
    assert (fault.code, fault.others) == (f"{ONE}002", (f"{OTHER}001",))
    assert "库中网格" in fault.reason


def test_a_code_given_twice_names_the_first(features: list[Document], load: Callable) -> None:
    features[5]["properties"] |= {"code": FIRST, "community": ONE}
    report = load(features)
    assert faults(report) == [("duplicate", 6, FIRST)]
    assert "与第1个要素重复" in report.faults[0].reason


def test_a_closed_code(features: list[Document], load: Callable) -> None:
    load(features)
    grid_merge(codes=[FIRST, f"{ONE}002"])
    assert faults(load(features)) == [("closed", 1, FIRST), ("closed", 2, f"{ONE}002")]


def test_missing_columns_are_named_and_the_rest_is_still_judged(
    features: list[Document], load: Callable
) -> None:
    for item in features:
        del item["properties"]["kind"], item["properties"]["households"]
    features[4]["geometry"] = None
    report = load(features)
    assert faults(report) == [("columns", None, ""), ("empty", 5, f"{OTHER}001")]
    assert report.faults[0].line() == "缺少列：kind、households"


def test_every_bad_feature_is_named(features: list[Document], load: Callable) -> None:
    features[0]["geometry"] = None
    features[1]["properties"]["households"] = -1
    features[2]["properties"]["code"] = "x"
    features[6]["geometry"] = mapping(square(2, 0, 1.5, 1))
    features[7]["properties"]["kind"] = ""
    report = load(features)
    assert [(fault.feature, fault.kind) for fault in report.faults] == [
        (1, "empty"),
        (2, "households"),
        (3, "code"),
        (7, "overlap"),
        (8, "kind"),
    ]
    assert map_number() == 1


def test_a_wrong_number_of_the_coordinate_system(town: list[GridDraft], tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    call_command("grids_export", path, verbosity=0)
    geopandas.read_file(path).to_crs(3857).to_file(path, layer="grids")
    for crs in ("", "4490"):
        report = grids_import(path=path, crs=crs)
        assert report.faults[0].line() == "文件的坐标系是 EPSG:3857，应为 4490、4326、GCJ02 之一"


def test_no_coordinate_system_at_all(town: list[GridDraft], tmp_path: Path) -> None:
    path = tmp_path / "town.shp"
    call_command("grids_export", path, verbosity=0)
    path.with_suffix(".prj").unlink()
    path.with_name("town.note.json").unlink()
    report = grids_import(path=path)
    assert [fault.line() for fault in report.faults] == [
        "文件没有注明坐标系，请用 --crs 指定 4490、4326、GCJ02 之一"
    ]
    assert grids_import(path=path, crs="4490").faults == []


def test_a_contradiction_between_file_and_option(features: list[Document], load: Callable) -> None:
    report = load(features, crs="4490", members={"crs_code": "GCJ02"})
    assert report.faults[0].line() == "指定的坐标系 4490 与文件注明的 GCJ02 不一致"


def test_a_note_that_says_nonsense(features: list[Document], load: Callable) -> None:
    assert "“BD09”不认识" in load(features, members={"crs_code": "BD09"}).faults[0].line()


@pytest.mark.parametrize(("shift", "crs"), [(True, "4490"), (False, "GCJ02")])
def test_gcj02_taken_for_another_is_noticed_by_known_grids(
    features: list[Document], load: Callable, town_drafts: list[GridDraft], shift: bool, crs: str
) -> None:
    load(features)
    for item, known in zip(features, town_drafts, strict=True):
        points = [from_4490(*point, "GCJ02") for point in known.polygon.exterior.coords]
        item["geometry"] = mapping(shapely.Polygon(points)) if shift else item["geometry"]
    report = load(features, crs=crs)
    assert report.faults[0].kind == "crs"
    assert "GCJ-02" in report.faults[0].reason
    assert set(Grid.objects.values_list("version", flat=True)) == {1}


def test_cracks_of_a_centimetre_are_mended(features: list[Document], load: Callable) -> None:
    features[0]["geometry"] = mapping(square(0, 1, 0.99999, 1))
    features[2]["geometry"] = mapping(square(0, 0, 1.00001, 1))
    assert load(features).faults == []


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("none.gpkg", None, "不存在"),
        ("town.txt", "x", "格式不认识"),
        ("town.geojson", "{ nonsense", "读不出来"),
        ("town.gpkg", "nonsense", "读不出来"),
        ("town.shp", "nonsense", "读不出来"),
        ("town.geojson", '{"type": "FeatureCollection", "features": []}', "没有要素"),
    ],
)
def test_a_file_that_cannot_be_read(
    divisions: None, tmp_path: Path, name: str, content: str | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    (fault,) = grids_import(path=tmp_path / name).faults
    assert reason in fault.line()


def test_several_layers_without_one_named_grids(town: list[GridDraft], tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    frame = geopandas.GeoDataFrame({"code": ["1"]}, geometry=[square(0, 0)], crs=4490)
    for layer in ("one", "two"):
        pyogrio.write_dataframe(frame, path, layer=layer, append=path.exists())
    (fault,) = grids_import(path=path).faults
    assert "应有名为 grids 的图层，现有 one、two" in fault.line()


def test_the_command_reports_all_and_fails(
    features: list[Document], load: Callable, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    load(features)
    features[0]["properties"]["households"] = -1
    features[1]["geometry"] = None
    path, written = tmp_path / "bad.geojson", tmp_path / "report.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    with pytest.raises(CommandError, match="共 2 处差错，一个也没有导入") as failure:
        call_command("grids_import", path, report=written)
    assert failure.value.returncode == 1
    out = capsys.readouterr().out
    assert f"第1个要素 网格 {FIRST}：户数“-1”" in out
    assert f"第2个要素 网格 {ONE}002：没有图形" in out
    document = json.loads(written.read_text())
    assert (document["features"], document["stored"], len(document["faults"])) == (8, False, 2)
    assert document["faults"][0]["kind"] == "households"


def test_the_command_counts_what_it_stored(
    features: list[Document], tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    path = tmp_path / "town.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    call_command("grids_import", path, check=True)
    assert "检查通过，未导入" in capsys.readouterr().out
    call_command("grids_import", path)
    assert "已导入：新增 8，更新 0，未变 0，停用 0" in capsys.readouterr().out
