"""``manage.py hub_backup FILE``: a consistent backup of the database while the hub runs."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.console.backup.errors import BackupError
from governance.console.backup.services import backup_take


class Command(BaseCommand):
    """Write one file."""

    requires_system_checks = ()  # those read every page of the console
    help = "备份平台数据库到一个文件（平台不必停止）；照片等附件另行备份数据目录"

    def add_arguments(self, parser: CommandParser) -> None:
        """Say where to."""
        parser.add_argument("file", type=Path, metavar="文件", help="新文件，不覆盖已有的")

    def handle(self, *args: Any, **options: Any) -> None:
        """Back up."""
        try:
            digest = backup_take(options["file"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        size = options["file"].stat().st_size
        self.stdout.write(f"已备份到 {options['file']}（{size:,} 字节，SHA-256 {digest}）")
