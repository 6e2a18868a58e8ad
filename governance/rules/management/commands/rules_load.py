"""``manage.py rules_load``: bring the rules of ``fixtures/rules`` into the database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.access.actor import HUB
from governance.rules.loading import rules_load


class Command(BaseCommand):
    """Load rules; those that are there already stay as the administrator left them."""

    help = "载入 fixtures/rules 中的规则；已有的规则保持管理员的修改不变"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take another folder."""
        parser.add_argument("--folder", type=Path, default=settings.FIXTURES / "rules", help="规则文件夹")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how many were new."""
        try:
            count = rules_load(actor=HUB, folder=options["folder"])
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"新载入规则 {count} 条")
