"""``manage.py services_load``: bring the proxy services of ``fixtures/services`` into the database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.access.actor import HUB
from governance.tasks.cases.catalogue import services_load


class Command(BaseCommand):
    """Load services; those that are there already stay as the administrator left them."""

    help = "载入 fixtures/services 中的代办事项；已有的事项保持管理员的修改不变"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take another folder."""
        parser.add_argument("--folder", type=Path, default=settings.FIXTURES / "services", help="所在文件夹")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how many were new."""
        try:
            count = services_load(actor=HUB, folder=options["folder"])
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"新载入代办事项 {count} 个")
