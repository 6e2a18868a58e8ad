"""``manage.py population_load``: synthetic people, houses, things and firms for some grids."""

import re
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from governance.console.population.load import DEFAULT_SEED, PopulationError, population_load
from governance.contract import KINDS


class Command(BaseCommand):
    """Fill grids with a seeded synthetic population (合成人口)."""

    help = (
        "为辖区内还没有数据的网格载入合成的房屋、人口、组织和部件，供演示和试用。姓名都带“示、例、样”字，"
        "电话以1000开头，均非真人。已有数据的网格保持不变；中断后再次运行即从断点继续。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say where, from which seed and for which day."""
        parser.add_argument(
            "--only", required=True, metavar="PREFIX", help="辖区或网格编码（前缀），如 420502001"
        )
        parser.add_argument(
            "--seed",
            type=int,
            default=DEFAULT_SEED,
            help="随机种子；相同的种子和日期得到相同的人口（默认 %(default)s）",
        )
        parser.add_argument("--today", metavar="DATE", help="按哪一天计算年龄，如 2026-03-01（默认今天）")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how many records of each kind were stored."""
        prefix = options["only"]
        if not re.fullmatch(r"[0-9]{4,15}", prefix):
            raise CommandError(f"--only“{prefix}”应为4至15位数字的辖区或网格编码")
        try:
            stored = population_load(
                prefix=prefix, seed=options["seed"], today=_day(options["today"]), say=self.stdout.write
            )
        except PopulationError as error:
            raise CommandError(str(error)) from error
        parts = [f"{KINDS[kind].label} {count}" for kind, count in stored.items()]
        self.stdout.write("载入：" + ("，".join(parts) or "没有新记录"))


def _day(text: str | None) -> date:
    if text is None:
        return timezone.localdate()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--today“{text}”应为日期，如 2026-03-01") from None
