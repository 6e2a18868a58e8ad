"""``manage.py serve``: run the hub — database made ready, web server and task worker."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.access.models import User
from governance.console.hub.ending import orders_heed
from governance.console.hub.prepare import hub_prepare
from governance.console.hub.processes import HOST, hub_running, hub_wait, port_check
from gridmap.models import Grid


class Command(BaseCommand):
    """Run the hub until Ctrl-C."""

    help = (
        "启动平台：准备数据库，运行网页服务与任务进程，按 Ctrl-C 停止。"
        "其中一个进程意外结束则全部停止，退出码不为0：正式使用请由系统服务（如 systemd）在停止后重新启动"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Say where and with how many processes."""
        parser.add_argument("--host", default=HOST, help="监听地址，默认只对本机")
        parser.add_argument("--port", type=int, default=8000, help="端口，默认 8000")
        parser.add_argument("--workers", type=int, default=2, help="网页进程数，默认 2")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, start, wait."""
        port_check(options["port"])
        if options["workers"] < 1:
            raise CommandError("网页进程数至少为1")
        hub_prepare(self.stdout.write)
        self._hints()
        orders_heed()
        log = settings.VAR / "hub.log"
        where = {"host": options["host"], "port": options["port"], "workers": options["workers"]}
        status = 0
        with hub_running(**where, log=log, say=self.stdout.write) as processes:
            self.stdout.write(f"平台已启动：http://{options['host']}:{options['port']}/admin/ （日志 {log}）")
            status = hub_wait(processes, self.stdout.write)
        if status:
            raise CommandError(f"请查看日志 {log}")

    def _hints(self) -> None:
        """Say what is still missing before anyone can work, and how to get it."""
        if not Grid.objects.exists():
            self.stdout.write(
                "还没有网格：manage.py grids_import 导入，或 manage.py grids_partition --load 生成示意网格"
            )
        if not User.objects.filter(is_active=True).exists():
            self.stdout.write("还没有账号：用 manage.py createsuperuser 建立第一个")
