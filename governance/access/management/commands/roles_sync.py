"""Bring roles, their permissions and the departments up to the tables in the code."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance.access.services.roles import roles_sync


class Command(BaseCommand):
    """``manage.py roles_sync``."""

    help = "按权限表同步角色（用户组）及其权限、部门名录；可重复运行，迁移之后运行一次"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the options."""
        parser.add_argument("--list", action="store_true", help="另列出权限表中当前尚不存在的权限")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        done = roles_sync()
        self.stdout.write(
            f"角色已同步：新建{done.created}个，授予{done.granted}项，收回{done.withdrawn}项权限"
        )
        if options["list"]:
            for name in done.unmet:
                self.stdout.write(f"尚无此权限：{name}")
