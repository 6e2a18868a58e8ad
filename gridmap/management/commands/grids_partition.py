"""``manage.py grids_partition``: synthetic grids for the whole city or a part of it."""

import re
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from gridmap.divisions import DivisionFileError, communities_read, outlines_read
from gridmap.drafts import GridDraft
from gridmap.exchange.form import form_of
from gridmap.exchange.writing import grids_write
from gridmap.models import GridKind
from gridmap.partition import DEFAULT_SEED, PartitionError, partition
from gridmap.selectors import area_prefix
from gridmap.services import MapError, grids_replace


class Command(BaseCommand):
    """Divide the rough outlines into 11,000 synthetic grids (合成网格)."""

    help = (
        "把区县粗略轮廓划分为合成的乡镇、社区和网格：全市正好11000个（城区四区1421，其余9579），"
        "无缝无叠，社区内由西向东、由北向南编号。图形是合成的，不是实测界线。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what to divide and where it goes."""
        folder = settings.FIXTURES / "divisions"
        parser.add_argument(
            "--only",
            default="",
            metavar="PREFIX",
            help="只要编码以此开头的辖区，如 420502001；图形与全市的一致",
        )
        parser.add_argument(
            "--seed",
            type=int,
            default=DEFAULT_SEED,
            help="随机种子；相同的种子得到相同的图形（默认 %(default)s）",
        )
        parser.add_argument(
            "--write-to", type=Path, metavar="FILE", help="写成文件：.gpkg、.shp 或 .geojson（EPSG:4490）"
        )
        parser.add_argument("--load", action="store_true", help="存入数据库，作为这些社区的现行网格")
        parser.add_argument(
            "--communities", type=Path, default=folder / "yichang_villages.csv", help="社区（村）清单"
        )
        parser.add_argument(
            "--outlines", type=Path, default=folder / "yichang_districts_approx.geojson", help="区县轮廓"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Divide, then write or load as asked."""
        only = area_prefix(options["only"])
        if not re.fullmatch(r"[0-9]{0,12}", only):
            raise CommandError(f"--only“{options['only']}”应为至多12位数字的区划代码")
        target = options["write_to"]
        try:
            form = form_of(target) if target else None
            drafts = partition(
                communities_read(options["communities"]),
                outlines_read(options["outlines"]),
                seed=options["seed"],
                only=only,
                say=self.stdout.write,
            )
        except OSError as error:
            raise CommandError(f"文件“{error.filename}”读不出来") from error
        except (DivisionFileError, PartitionError, ValueError) as error:
            raise CommandError(str(error)) from error
        self._count(drafts)
        if target and form:
            grids_write(drafts, target, form, "4490", "UTF-8")
            self.stdout.write(f"已写入 {target}")
        if options["load"]:
            self._load(drafts)

    def _count(self, drafts: Sequence[GridDraft]) -> None:
        kinds = Counter(draft.kind for draft in drafts)
        parts = [f"{kind.label} {kinds[kind.value]}" for kind in GridKind]
        self.stdout.write(f"网格 {len(drafts)}：" + "，".join(parts))

    def _load(self, drafts: Sequence[GridDraft]) -> None:
        try:
            done = grids_replace(drafts=drafts)
        except MapError as error:
            raise CommandError(f"{error}。若区划尚未导入，请先运行 divisions_load") from error
        self.stdout.write(
            f"入库：新增 {len(done.created)}，更新 {len(done.changed)}，"
            f"未变 {len(done.unchanged)}，停用 {len(done.closed)}"
        )
