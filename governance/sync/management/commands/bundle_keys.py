"""Show and renew the hub's keys for bundles."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.access.errors import Refused
from governance.sync.bundles.hub_keys import hub_key_newest, hub_key_renew, hub_key_retire, hub_keys


class Command(BaseCommand):
    """``manage.py bundle_keys [--renew | --retire ID]``."""

    help = "列出数据包密钥；更换后旧密钥的数据包仍然收，终端下次联网时换用新密钥"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to do."""
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--renew", action="store_true", help="新增一对密钥，此后的数据包用它")
        what.add_argument("--retire", metavar="编号", help="停用一对旧密钥；用它导出的数据包不再收")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, then list."""
        try:
            self._do(options)
        except Refused as error:
            raise CommandError(error.reason) from error

    def _do(self, options: dict[str, Any]) -> None:
        hub_key_newest()  # makes the first, where there is none
        if options["renew"]:
            hub_key_renew()
        elif options["retire"] and not hub_key_retire(options["retire"]):
            raise CommandError("没有这个编号的密钥，或它是唯一的一对")
        keys = hub_keys()
        for key in keys:
            self.stdout.write(f"{key.id}  {key.made_at}" + ("  现用" if key is keys[-1] else ""))
