"""Verify the audit's hash chains."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from governance.audit.models import AuditEntry, AuditHead
from governance.audit.triggers import installed
from governance.audit.verify import Break, chain_walk, chains

_EVERY = 500


class Command(BaseCommand):
    """``manage.py audit_verify [--chain C]``: status 1 when anything is broken."""

    requires_system_checks = ()  # those read every page of the console
    help = "核验审计链：逐条重算摘要，指出每条链的第一处断裂，并检查链尾与数据库触发器；有问题时以状态1结束"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the options."""
        parser.add_argument("--chain", help="只核验这一条链，如网格编码、420500、user:用户名；缺省核验全部")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        breaks: list[Break] = []
        links = walked = 0
        for chain in self._chosen(options["chain"]):
            found = chain_walk(chain)
            links, walked = links + found.links, walked + 1
            if found.broken:
                breaks.append(found.broken)
                self.stderr.write(f"断裂：链 {chain} 第{found.broken.seq}条：{found.broken.what}")
            if walked % _EVERY == 0:
                self.stderr.write(f"已核验{walked}条链、{links}条记录")
        guarded = installed(connection)
        if not guarded:
            self.stderr.write("数据库中防止修改、删除的触发器缺失")
        if breaks or not guarded:
            raise CommandError(f"审计核验未通过：{walked}条链中{len(breaks)}条断裂", returncode=1)
        self.stdout.write(f"审计核验通过：{walked}条链，{links}条记录")
        if not options["chain"]:
            self.stdout.write(f"链头总摘要：{_digest()}")

    def _chosen(self, chain: str | None) -> Iterable[str]:
        if chain is None:
            return chains()
        known = (AuditHead, AuditEntry)
        if not any(model.objects.filter(chain=chain).exists() for model in known):
            raise CommandError(f"没有审计链“{chain}”", returncode=2)
        return [chain]


def _digest() -> str:
    """Give one hash over all heads, to be kept elsewhere as proof that no chain vanished."""
    total = hashlib.sha256()
    for chain, seq, value in (
        AuditHead.objects.order_by("chain").values_list("chain", "seq", "hash").iterator()
    ):
        total.update(f"{chain} {seq} {value}\n".encode())
    return total.hexdigest()
