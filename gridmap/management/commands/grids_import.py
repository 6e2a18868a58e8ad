"""``manage.py grids_import``: the city's own grids from a file."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gridmap.crs import CRS_CODES
from gridmap.exchange.faults import ImportReport
from gridmap.exchange.importing import grids_import


class Command(BaseCommand):
    """Import grids; one bad feature keeps all out, and every bad feature is named."""

    help = (
        "导入网格：GeoPackage、Shapefile 或 GeoJSON，列 code、name、kind、community、households。"
        "文件应含所涉社区的全部网格，不在其中的现行网格将停用。"
        "有任何差错则一个也不导入，逐条报告，返回 1。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file and how to read it."""
        parser.add_argument("file", type=Path, metavar="FILE", help=".gpkg、.shp、.geojson 或 .json")
        parser.add_argument("--crs", choices=CRS_CODES, default="", help="文件的坐标系；不给则按文件注明的")
        parser.add_argument(
            "--encoding", choices=("UTF-8", "GBK"), default="", help="Shapefile 的文字编码；不给则自动判断"
        )
        parser.add_argument("--check", action="store_true", help="只检查，不导入")
        parser.add_argument("--report", type=Path, metavar="FILE.json", help="把报告写成 JSON 文件")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and report."""
        report = grids_import(
            path=options["file"],
            crs=options["crs"],
            encoding=options["encoding"],
            check_only=options["check"],
        )
        if options["report"]:
            _report_write(options["report"], report)
        self.stdout.write(f"{report.file}：{report.features} 个要素，坐标系 {report.crs or '不明'}")
        for fault in report.faults:
            self.stdout.write(fault.line())
        if report.faults:
            raise CommandError(f"共 {len(report.faults)} 处差错，一个也没有导入")
        done = report.replaced
        if done is None:
            self.stdout.write("检查通过，未导入")
            return
        self.stdout.write(
            f"已导入：新增 {len(done.created)}，更新 {len(done.changed)}，"
            f"未变 {len(done.unchanged)}，停用 {len(done.closed)}"
        )


def _report_write(path: Path, report: ImportReport) -> None:
    try:
        path.write_text(json.dumps(report.document(), ensure_ascii=False, indent=1), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"报告写不进“{path}”") from error
