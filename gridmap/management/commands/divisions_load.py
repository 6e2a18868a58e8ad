"""``manage.py divisions_load``: the city, its counties, towns and communities."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from gridmap.divisions import DivisionFileError, communities_read, outlines_read
from gridmap.models import Division, Level
from gridmap.partition import PartitionError, outlines_clean
from gridmap.services import divisions_load


class Command(BaseCommand):
    """Load the divisions (行政区划); loading again changes nothing."""

    help = "导入行政区划（市、区县、乡镇街道、社区村）；可重复执行，结果不变。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the files."""
        folder = settings.FIXTURES / "divisions"
        parser.add_argument(
            "--communities",
            type=Path,
            default=folder / "yichang_villages.csv",
            help="社区（村）清单，CSV，UTF-8",
        )
        parser.add_argument(
            "--outlines",
            type=Path,
            default=folder / "yichang_districts_approx.geojson",
            help="区县轮廓，GeoJSON，要素属性 code 为6位区划代码",
        )
        parser.add_argument("--city-name", default="宜昌市", help="城市名称")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the files and load them."""
        try:
            communities = communities_read(options["communities"])
            outlines = outlines_clean(outlines_read(options["outlines"]))
        except (DivisionFileError, PartitionError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"文件“{error.filename}”读不出来") from error
        done = divisions_load(communities=communities, outlines=outlines, city_name=options["city_name"])
        self.stdout.write(f"行政区划：新增 {done.created}，更新 {done.changed}，未变 {done.unchanged}")
        counts = [f"{level.label} {Division.objects.filter(level=level).count()}" for level in Level]
        self.stdout.write("现有：" + "，".join(counts))
