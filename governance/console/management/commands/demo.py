"""``manage.py demo``: one real street, synthetic people, a tablet's day offline and back."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from governance.console.demo.day import Day
from governance.console.demo.steps import StepError, Steps
from governance.console.demo.street import STREET, note_write, street_prepare
from governance.console.hub.ending import orders_heed
from governance.console.hub.processes import HOST, hub_running, hub_wait, port_check


class Command(BaseCommand):
    """Prepare the street, play the day, print the logins, keep serving."""

    requires_system_checks = ()  # those read every page of the console
    help = "演示：准备西陵街道与合成人口，启动平台，演一台平板的一天，打印地址与账号，继续服务"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the port, and whether to stop after the day."""
        parser.add_argument("--port", type=int, default=8000, help="端口，默认 8000")
        parser.add_argument("--exit", action="store_true", help="演完即止：全部成功退出码0，任一步失败为1")
        parser.add_argument("--again", action="store_true", help="已演过也再演一天")
        parser.add_argument("--small", action="store_true", help="只载入一个社区的人口，准备更快")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it all."""
        port = options["port"]
        port_check(port)
        orders_heed()
        self.stdout.write(f"准备街道 {STREET} 的数据 · preparing the street")
        note = street_prepare(self._say, small=options["small"])
        base = f"http://{HOST}:{port}"
        note_write(note, base)
        where = {"host": HOST, "port": port, "workers": 2, "log": settings.VAR / "hub.log"}
        status = 1
        with hub_running(**where, say=self._say) as processes:
            self._say(f"平台已启动 · the hub is up: {base}")
            if options["exit"] or options["again"] or not note["played"]:
                status = 0 if self._play(note, port) else 1
                note["played"] = note["played"] or not status
                note_write(note, base)
            else:
                status = 0
                self._say(
                    "这一天已演过，ARGS=--again 再演 · the day was played before; ARGS=--again plays it again"
                )
            self._logins(note)
            if not options["exit"]:
                self._say("\n平台继续服务，按 Ctrl-C 停止 · still serving, Ctrl-C stops")
                status = hub_wait(processes, self._say) or status
        if status:
            sys.exit(status)

    def _play(self, note: dict[str, Any], port: int) -> bool:
        steps = Steps(self._say)
        try:
            Day(note, port, steps).play()
        except StepError:
            self._say("\n演示失败 · the demonstration failed")
            return False
        self._say(f"\n全部 {steps.number} 步成功 · all {steps.number} steps succeeded")
        return True

    def _logins(self, note: dict[str, Any]) -> None:
        lines = [
            f"\n管理台 admin   {note['base']}/admin/",
            *(
                f"  {who:<10} {note[who]['username']} / {note[who]['password']}"
                for who in ("admin", "staff", "clerk")
            ),
            f"  {'worker':<10} {note['worker']['username']} / {note['worker']['password']}"
            f"（网格 grid {note['worker']['grid']}）",
            f"  {'department':<10} Authorization: Key {note['department']['key']}",
            f"全部账号 all logins: {settings.VAR / 'demo.json'}",
        ]
        for line in lines:
            self._say(line)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
