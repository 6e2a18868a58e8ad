"""``manage.py devices_alarms``: the tablets someone must look after, for people and for cron."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from governance.access.models import Device
from governance.sync.alarms import Alarmed, alarms

SOME = 2
"""Exit status when there are alarms; 0 when there are none, 1 when the command failed."""


class Command(BaseCommand):
    """List them; the exit status says whether there are any."""

    help = (
        "列出需要处理的终端（失联且有未上传、停用且有未上传、版本不支持、时钟不准）；有则退出码为 2，没有为 0"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Say how to print."""
        parser.add_argument("--json", action="store_true", help="每行一个 JSON 对象")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print."""
        found = alarms(Device.objects.all())
        for each in found:
            self.stdout.write(_json(each) if options["json"] else _line(each))
        if found:
            sys.exit(SOME)
        if not options["json"]:
            self.stdout.write("没有需要处理的终端")


def _line(alarmed: Alarmed) -> str:
    device = alarmed.device
    state = device.state
    seen = f"{timezone.localtime(device.last_seen_at):%Y-%m-%d %H:%M}" if device.last_seen_at else "从未"
    unsent = f"，未上传{state.unsent or 0}条、文件{state.files or 0}个" if state.unsent is not None else ""
    return f"{alarmed.alarm.label}：{device.name}（{device.worker.username}），最近联系{seen}{unsent}"


def _json(alarmed: Alarmed) -> str:
    device = alarmed.device
    state = device.state
    return json.dumps(
        {
            "alarm": alarmed.alarm.value,
            "device": str(device.pk),
            "name": device.name,
            "worker": device.worker.username,
            "last_seen": device.last_seen_at.isoformat() if device.last_seen_at else None,
            "unsent": state.unsent,
            "oldest": state.oldest.isoformat() if state.oldest else None,
            "files": state.files,
            "protocol": state.protocol,
            "skew": state.skew,
        },
        ensure_ascii=False,
    )
