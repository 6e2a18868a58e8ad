"""``manage.py stations_make``: give every street and community its three centres or stations."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.access.actor import HUB
from governance.tasks.centres.services import stations_make


class Command(BaseCommand):
    """Make what is missing; stations that are there already stay as they are."""

    help = "为街道（乡镇）和社区（村）设立便民服务、综治信访维稳、网格管理中心（站）；已有的不变"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take an area."""
        parser.add_argument("--area", default="", help="区划代码的开头，如 420502；缺省为全市")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them and say how many."""
        area = options["area"]
        if area and not (area.isascii() and area.isdigit()):
            raise CommandError("--area 应为区划代码的开头，只含数字")
        self.stdout.write(f"新设立中心（站） {stations_make(actor=HUB, area=area)} 个")
