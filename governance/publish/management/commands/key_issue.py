"""``manage.py key_issue``: give a department a key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.access.actor import HUB
from governance.access.models import Department
from governance.publish.services import key_issue


class Command(BaseCommand):
    """Issue a key and print it, this once."""

    help = "给部门发放接口密钥；密钥只显示这一次，平台只保存其摘要"

    def add_arguments(self, parser: CommandParser) -> None:
        """Say to whom."""
        parser.add_argument("department", help="部门代码，如 civil")
        parser.add_argument("--name", default="", help="用在哪个系统")

    def handle(self, *args: Any, **options: Any) -> None:
        """Issue."""
        department = Department.objects.filter(pk=options["department"]).first()
        if department is None:
            raise CommandError(f"没有代码为“{options['department']}”的部门")
        self.stderr.write(f"已给{department}发放密钥，只显示这一次：")
        self.stdout.write(key_issue(actor=HUB, department=department, name=options["name"])[1])
