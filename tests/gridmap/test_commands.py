"""The partition as a command."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from gridmap.models import Grid
from gridmap.selectors import map_number

pytestmark = pytest.mark.django_db

STREET = "420502001"


def test_a_street_is_divided_and_loaded_once(capsys: pytest.CaptureFixture) -> None:
    call_command("divisions_load")
    call_command("grids_partition", only=STREET, load=True)
    out = capsys.readouterr().out
    count = Grid.objects.count()
    assert f"网格 {count}：城镇基础网格 {count - 1}，农村基础网格 0，专属网格 1" in out
    number = map_number()
    call_command("grids_partition", only=STREET, load=True)
    assert f"未变 {count}，停用 0" in capsys.readouterr().out
    assert map_number() == number


def test_loading_needs_the_divisions() -> None:
    with pytest.raises(CommandError, match="请先运行 divisions_load"):
        call_command("grids_partition", only=STREET, load=True, verbosity=0)
    assert not Grid.objects.exists()


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "street.geojson"
    call_command("grids_partition", only=STREET, write_to=path)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert (document["crs_code"], "不是实测界线" in document["note"]) == ("4490", True)
    assert document["features"][0]["properties"]["code"] == f"{STREET}001001"
    assert document["features"][0]["properties"]["source"].startswith("合成 seed=")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"only": "42x"}, "--only“42x”应为至多12位数字"),
        ({"only": "4299"}, "没有编码以 4299 开头的社区"),
        ({"write_to": Path("grids.txt")}, "格式不认识"),
        ({"communities": Path("none.csv")}, "none.csv”读不出来"),
    ],
)
def test_bad_options(options: dict, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        call_command("grids_partition", **options)
