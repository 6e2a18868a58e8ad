"""``manage.py hub_lost FILE LIST``: list what people did at the hub that a restore has undone."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.console.backup.errors import BackupError
from governance.console.backup.lost import lost_list


class Command(BaseCommand):
    """Write one list."""

    requires_system_checks = ()  # those read every page of the console
    help = (
        "列出恢复后平台所缺的、工作人员和部门所做的修改，供补做；在用平板的改动会自动重送，只列已停用平板的"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Say from what, and where to."""
        parser.add_argument(
            "file", type=Path, metavar="旧数据", help="hub_restore 另存的 before-restore-….hub"
        )
        parser.add_argument(
            "list", type=Path, metavar="清单", help="新的 CSV 文件，不覆盖已有的；含个人信息，用后删除"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """List."""
        try:
            number = lost_list(options["file"], options["list"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"已列出 {number} 项到 {options['list']}；含个人信息，补做后请删除")
