"""``manage.py grids_export``: the current grids as a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gridmap.crs import CRS_CODES
from gridmap.exchange.form import FileForm, form_of
from gridmap.exchange.writing import drafts_stored, grids_write


class Command(BaseCommand):
    """Export grids for other systems."""

    help = "导出现行网格为 GeoPackage、Shapefile 或 GeoJSON；已有的文件会被替换。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file and its form."""
        parser.add_argument("file", type=Path, metavar="FILE", help="写到哪里")
        parser.add_argument(
            "--format", choices=[form.value for form in FileForm], default="", help="格式；不给则按文件后缀"
        )
        parser.add_argument("--crs", choices=CRS_CODES, default="4490", help="坐标系（默认 %(default)s）")
        parser.add_argument(
            "--only", default="", metavar="PREFIX", help="只要编码以此开头的辖区，如 420502001"
        )
        parser.add_argument(
            "--encoding",
            choices=("UTF-8", "GBK"),
            default="UTF-8",
            help="Shapefile 的文字编码（默认 %(default)s）",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the grids and write them."""
        path: Path = options["file"]
        try:
            form = FileForm(options["format"]) if options["format"] else form_of(path)
        except ValueError as error:
            raise CommandError(str(error)) from error
        drafts = drafts_stored(options["only"])
        if not drafts:
            raise CommandError(f"没有编码以“{options['only']}”开头的现行网格")
        try:
            grids_write(drafts, path, form, options["crs"], options["encoding"])
        except OSError as error:
            raise CommandError(f"写不进“{path}”") from error
        self.stdout.write(f"已导出 {len(drafts)} 个网格到 {path}（{options['crs']}）")
