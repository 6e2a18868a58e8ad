"""Reading and loading the divisions."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from gridmap.divisions import DivisionFileError, communities_read, outlines_read, short_name
from gridmap.drafts import polygon_from_wkb
from gridmap.models import Division
from gridmap.selectors import division_names, map_number

HEADER = "district_code,district,street_code,street,village_code,village\n"
ROW = "420502,西陵区,420502001,西陵街道,420502001001,土街头社区居民委员会\n"


@pytest.mark.django_db
def test_the_city_is_loaded_once_and_loading_again_changes_nothing() -> None:
    call_command("divisions_load", verbosity=0)
    levels = list(Division.objects.values_list("level", flat=True))
    assert [levels.count(level) for level in (2, 3, 4, 5)] == [1, 13, 113, 1650]
    number = map_number()
    call_command("divisions_load", verbosity=0)
    assert (Division.objects.count(), map_number()) == (1777, number)


@pytest.mark.django_db
def test_a_changed_name_is_brought_up_to_date() -> None:
    call_command("divisions_load", verbosity=0)
    Division.objects.filter(code="420502001").update(name="旧名")
    call_command("divisions_load", verbosity=0)
    assert Division.objects.get(code="420502001").name == "西陵街道"


@pytest.mark.django_db
def test_the_citys_outline_is_that_of_its_counties() -> None:
    call_command("divisions_load", verbosity=0)
    counties = Division.objects.filter(level=3)
    city = polygon_from_wkb(Division.objects.get(level=2).outline)
    assert city.area == pytest.approx(sum(polygon_from_wkb(item.outline).area for item in counties))
    assert not city.interiors


@pytest.mark.django_db
def test_loading_takes_few_queries(django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(25):
        call_command("divisions_load", verbosity=0)


@pytest.mark.django_db
def test_names_of_what_a_grid_lies_in() -> None:
    call_command("divisions_load", verbosity=0)
    assert division_names("420502001001007") == ["西陵区", "西陵街道", "土街头社区居民委员会"]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("樵湖岭社区居民委员会", "樵湖岭社区"),
        ("东门外正街社区", "东门外正街社区"),
        ("中光社区居委会", "中光社区"),
        ("长岭村村民委员会", "长岭村"),
        ("鞍山村委会", "鞍山村"),
        ("青岩村村委会", "青岩村"),
        ("云台村民委员会", "云台村"),
    ],
)
def test_short_names(name: str, short: str) -> None:
    assert short_name(name) == short


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("district_code,district\n", "缺少列"),
        (HEADER + ROW + ROW, "第3行：社区编码 420502001001 重复"),
        (HEADER + ROW.replace("420502001001", "42050200100"), "第2行：社区编码“42050200100”应为12位数字"),
        (HEADER + ROW.replace("420502001001", "420502009001"), "与所属乡镇"),
        (HEADER + ROW.replace("西陵街道", ""), "名称不能为空"),
    ],
)
def test_a_bad_list_is_refused_naming_the_line(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DivisionFileError, match=reason):
        communities_read(path)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"features": [{"properties": {}, "geometry": null}]}',
        '{"features": [{"properties": {"code": "4"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}]}',
    ],
)
def test_bad_outlines_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "outlines.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DivisionFileError, match=r"outlines\.geojson"):
        outlines_read(path)


@pytest.mark.django_db
def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no\.csv"):
        call_command("divisions_load", communities=tmp_path / "no.csv")
