"""``manage.py hub_restore FILE``: put a backup in place and begin a new epoch."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.console.backup.errors import BackupError
from governance.console.backup.services import backup_restore

NEXT_STEPS = """接下来：
1. 启动平台（用 --force 恢复的，请重启网页与任务进程）。
2. 平板下次同步时发现新纪元，自动把平台缺的改动按原编号重送；已有的不会重复。
3. 备份之后才登记的平板要重新登记：本机数据都在，登记后自动重送。
4. 备份之后在后台或由部门所做的修改，用 manage.py hub_lost <另存的旧数据> <清单.csv> 列出，逐项补做。
5. 部门接口按新纪元从头拉取；附件目录不比备份旧即可。
6. 核验审计：manage.py audit_verify；查看终端：管理台“终端”，或 manage.py devices_alarms。"""


class Command(BaseCommand):
    """Check, set the present data aside, restore, begin a new epoch, say what to do next."""

    requires_system_checks = ()  # those read every page of the console
    help = "用备份文件恢复平台数据库并开始新纪元；现有数据先另存"

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what to restore, and what not to mind."""
        parser.add_argument("file", type=Path, metavar="文件", help="hub_backup 所写的文件")
        parser.add_argument("--force", action="store_true", help="平台正在运行也恢复")
        parser.add_argument("--discard", action="store_true", help="不另存现有数据（已读不出时用）")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore."""
        try:
            begun = backup_restore(
                options["file"],
                force=options["force"],
                discard=options["discard"],
                say=self.stdout.write,
            )
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"已恢复，新纪元 {begun}\n{NEXT_STEPS}")
