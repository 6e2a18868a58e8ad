"""``manage.py epoch_start --yes``: begin a new epoch after the database was restored by other means."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.console.backup.services import epoch_begin


class Command(BaseCommand):
    """Begin it; harmless but for the work it makes."""

    requires_system_checks = ()  # those read every page of the console
    help = "数据库由其他工具恢复后开始新纪元：所有平板重送改动并重新下载，部门重新拉取"

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for a yes."""
        parser.add_argument("--yes", action="store_true", help="确认")

    def handle(self, *args: Any, **options: Any) -> None:
        """Begin."""
        if not options["yes"]:
            raise CommandError("所有平板将重送改动并重新下载；确认请加 --yes")
        self.stdout.write(f"新纪元 {epoch_begin()}；运行中的平台进程会自行发现")
