"""``manage.py tasks_run``: run the rules for a day, and follow the records as they change."""

import datetime
import logging
import signal
import threading
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, close_old_connections, connection
from django.utils import timezone

from governance.feed.selectors import grids_behind
from governance.records.services.follow_map import map_steps
from governance.tasks.alarms.climbing import alarms_climb
from governance.tasks.cases.follow import cases_release
from governance.tasks.cycle.reports import second_reports_tell
from governance.tasks.cycle.services import assignees_release
from governance.tasks.followers import FOLLOWERS
from governance.tasks.items.admission import items_carry_on
from governance.tasks.items.follow import items_follow
from governance.tasks.plans import services as plans
from governance.tasks.services import day_steps
from governance.tasks.turns import others_let_in

logger = logging.getLogger(__name__)

_PATIENCE = 10.0
"""Seconds until what stumbled is tried again."""


class Command(BaseCommand):
    """Run the rules once over the city; with ``--follow`` go on until told to stop."""

    requires_system_checks = ()  # those read every page of the console
    help = (
        "按规则生成任务：对全市运行当天的规则（中断后再运行会接着做，当天已完成则不重复）；"
        "加 --follow 则持续跟随数据变化，每天自动运行一次，收到 SIGTERM 或 Ctrl-C 后停止"
    )

    _released: datetime.date | None = None

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the options."""
        parser.add_argument("--day", type=_day, help="日期，如 2026-11-22；缺省为今天")
        parser.add_argument("--follow", action="store_true", help="持续跟随数据变化")
        parser.add_argument("--every", type=float, default=1.0, help="跟随时每隔多少秒查看一次，默认 1")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        if options["every"] <= 0:
            raise CommandError("--every 应大于0")
        if options["follow"] and options["day"]:
            raise CommandError("--follow 总是处理今天，不能与 --day 同用")
        with _stopping() as stop:
            if not options["follow"]:
                self._day(options["day"] or timezone.localdate(), stop)
                return
            while not stop.is_set():
                sound = self._turn(stop)
                stop.wait(options["every"] if sound else max(options["every"], _PATIENCE))
        self.stdout.write("已停止")

    def _turn(self, stop: threading.Event) -> bool:
        """Do what is due once, and say whether nothing stumbled; a database that is away is waited for."""
        sound = True
        try:
            for part in self._parts(stop):
                if stop.is_set():
                    break
                sound &= _tried(part)
                others_let_in()
        except OperationalError:
            logger.exception("the database is away")
            connection.close()
        close_old_connections()
        return sound

    def _parts(self, stop: threading.Event) -> Iterator[Callable[[], object]]:
        today = timezone.localdate()
        yield partial(self._map, stop)
        yield partial(self._today, today, stop)
        for follower, follow in FOLLOWERS.items():
            for grid in grids_behind(follower):
                yield partial(follow, grid)
        yield partial(second_reports_tell, today)
        yield partial(alarms_climb, timezone.now())
        yield partial(items_carry_on, today)
        yield items_follow

    def _map(self, stop: threading.Event) -> None:
        for step in map_steps():
            if stop.is_set():
                return
            if step.done:
                self.stderr.write(f"{step.grid} 的记录已随网格迁移")

    def _today(self, today: datetime.date, stop: threading.Event) -> None:
        self._day(today, stop)
        if self._released != today:
            assignees_release(today)
            cases_release()
            self._released = today

    def _day(self, day: datetime.date, stop: threading.Event) -> None:
        changed = 0
        for step in day_steps(day):
            changed += step.changed
            self.stderr.write(f"{day} {step.place}/{step.total} {step.name} 任务变动{step.changed}")
            others_let_in()
            if stop.is_set():
                return
            if step.place == step.total:
                self.stdout.write(f"{day} 规则已运行完毕，任务变动共{changed}条")
        self._plans(day, stop)

    def _plans(self, day: datetime.date, stop: threading.Event) -> None:
        changed = 0
        for step in plans.day_steps(day):
            changed += step.changed
            self.stderr.write(f"{day} 走访计划 {step.place}/{step.total} {step.name} 变动{step.changed}")
            others_let_in()
            if stop.is_set():
                return
            if step.place == step.total:
                self.stdout.write(f"{day} 走访计划已排定，变动共{changed}条")


def _tried(part: Callable[[], object]) -> bool:
    """Do a part of a turn; one that stumbles is logged, and keeps nothing else from its own."""
    try:
        part()
    except OperationalError:
        raise
    except Exception:
        logger.exception("the task worker stumbled over %s", part)
        return False
    return True


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}”不是日期，应如 2026-11-22") from None


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Give an event that SIGTERM and Ctrl-C set; only the main thread may be signalled."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, lambda *_: stop.set())
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
