"""``manage.py key_revoke``: make a department's keys void."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.access.actor import HUB
from governance.publish.models import DepartmentKey
from governance.publish.services import key_revoke


class Command(BaseCommand):
    """Revoke a key by its number, or list a department's keys."""

    help = "停用部门密钥；不写编号则列出全部在用密钥"

    def add_arguments(self, parser: CommandParser) -> None:
        """Say which."""
        parser.add_argument("key", nargs="?", type=int, help="密钥编号")

    def handle(self, *args: Any, **options: Any) -> None:
        """Revoke or list."""
        if options["key"] is None:
            for key in DepartmentKey.objects.filter(revoked_at=None).select_related("department"):
                self.stdout.write(f"{key.pk}\t{key.department}\t{key.name}\t{key.created_at:%Y-%m-%d}")
            return
        found = DepartmentKey.objects.filter(pk=options["key"]).first()
        if found is None:
            raise CommandError(f"没有编号为{options['key']}的密钥")
        key_revoke(actor=HUB, key=found)
        self.stdout.write(f"已停用密钥{found.pk}")
