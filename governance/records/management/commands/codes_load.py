"""``manage.py codes_load``: bring the code lists of ``fixtures/codes`` into the database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.access.actor import HUB
from governance.records.services.lists import codelists_load


class Command(BaseCommand):
    """Load code lists; lists that are there already stay as the administrator left them."""

    help = "载入 fixtures/codes 中的代码表；已有的代码表保持管理员的修改不变"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take another folder."""
        parser.add_argument("--folder", type=Path, default=settings.FIXTURES / "codes", help="代码表文件夹")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how many were new."""
        try:
            count = codelists_load(actor=HUB, folder=options["folder"])
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"新载入代码表 {count} 个")
