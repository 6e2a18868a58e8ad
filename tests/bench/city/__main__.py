"""Fill a city and measure the rules on it; prints one JSON object of lists of ours and baseline."""

import json
import resource
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import django

django.setup()

from datetime import timedelta  # noqa: E402

import psutil  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from governance.access.actor import HUB  # noqa: E402
from governance.rules.loading import rules_load  # noqa: E402
from governance.rules.models import Rule, RuleVersion  # noqa: E402
from governance.rules.selectors import Ruling, rules_on  # noqa: E402
from governance.rules.services import Draft, rule_save, version_activate, version_draft  # noqa: E402
from governance.tasks.running import day_compared, day_steps  # noqa: E402
from governance.tasks.services import grid_follow  # noqa: E402
from tests import factories  # noqa: E402
from tests.bench.city.fill import DAY, city_fill  # noqa: E402
from tests.bench.hub import SYNC, tablet_headers  # noqa: E402
from tests.bench.people import person  # noqa: E402

AGES = (1, 3, 6, 14, 16, 18, 60, 65, 70, 75, 80, 85)
ROUNDS = 3
PUSHED = 100
PUSHES = 12
SHARING = 3
_HEADERS = {name: value for name, value in tablet_headers(0).items() if name != "Authorization"}


def main() -> None:
    """Fill, run the first day with every shipped rule, then measure."""
    residents = int(sys.argv[1])
    call_command("migrate", verbosity=0)
    _say(f"{residents} 人 · filling", lambda: city_fill(residents))
    rules_load(actor=HUB, folder=settings.FIXTURES / "rules")
    _began_long_ago()
    _say("首日 · first day", lambda: _run(DAY))
    _one_process()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {
        "rules_memory": [[memory], [500.0]],
        "all_rules_vs_scan": _all_rules(),
        "arrival_overhead": _arrival(),
        "age_rules_vs_queries": _ages(),
    }
    sys.stdout.write(json.dumps(figures))


def _began_long_ago() -> None:
    """Let rules that count since the last visit have begun a year ago; on their first day nobody is due."""
    for version in RuleVersion.objects.filter(content__moment__op="since"):
        version.content["moment"]["start"] = (DAY - timedelta(days=365)).isoformat()
        version.save()


def _say(what: str, work: Callable[[], Any]) -> Any:
    begun = time.perf_counter()
    found = work()
    sys.stderr.write(f"{what}: {time.perf_counter() - begun:.1f} s\n")
    sys.stderr.flush()
    return found


def _run(day: Any) -> int:
    changed = 0
    for step in day_steps(day):
        changed += step.changed
    sys.stderr.write(f"  {day} 任务变动 {changed}\n")
    return changed


def _timed(work: Callable[[], Any]) -> float:
    """Give the CPU seconds of this process and of the database's server, and tell the clock's."""
    begun, clock = _spent(), time.perf_counter()
    work()
    _clock.append(time.perf_counter() - clock)
    return _spent() - begun


_clock: list[float] = []


def _one_process() -> None:
    """Let one process of the server do all the work, so that its CPU time is all of it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET max_parallel_workers_per_gather = 0")


def _all_rules() -> list[list[float]]:
    """Evaluate every rule for everybody as a day's run does, against one scan of every person's row."""
    rules = rules_on(DAY)
    ours, bare = [], []
    for _ in range(ROUNDS):
        ours.append(_timed(lambda: _evaluate(rules)))
        bare.append(_timed(_scan))
        _tell("all rules", ours, bare)
    return [ours, bare]


def _evaluate(rules: list[Ruling]) -> None:
    """Compare every rule with its tasks; the first day has been run, so nothing may differ."""
    for compared in day_compared(rules, DAY):
        found = compared.found
        assert not found.findings + found.undue, compared.rule.code


def _tell(name: str, ours: list[float], bare: list[float]) -> None:
    clock = "·".join(f"{seconds:.2f}" for seconds in sorted(_clock[-2:], reverse=True))
    sys.stderr.write(f"{name}: {ours[-1]:.2f} · {bare[-1]:.2f} CPU s ({clock} s by the clock)\n")


def _scan() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), max(updated_at), max(birth_date) FROM records_person")
        cursor.fetchall()


def _arrival() -> list[list[float]]:
    """Push people for whom nothing is due, with and without asking the rules about them."""
    grid = factories.GRID
    worker = factories.tablet(factories.worker())
    homes = _homes(worker, factories.home(worker)["room"])
    client = factories.client()
    grid_follow(grid)
    number = 0
    ours, bare = [], []
    for _ in range(ROUNDS + 1):
        with_, without = 0.0, 0.0
        for _ in range(PUSHES):
            made = [
                factories.change("person", **person(homes[(number + n) // SHARING], number + n))
                for n in range(PUSHED)
            ]
            number += PUSHED
            body = _body(made)
            begun = _spent()
            answer = client.post(f"{SYNC}/push", body, "application/json", headers=_HEADERS)
            between = _spent()
            assert answer.content.count(b'"created"') == PUSHED, answer.content[:500]
            grid_follow(grid)
            with_ += _spent() - begun
            without += between - begun
        ours.append(with_)
        bare.append(without)
        sys.stderr.write(f"arrival: {with_ / without:.3f}\n")
    return [ours[1:], bare[1:]]  # the first round prepares


def _homes(worker: Any, room: str) -> list[str]:
    """Make a household for every few people that will be pushed."""
    count = PUSHES * PUSHED * (ROUNDS + 1) // SHARING + 1
    made = [factories.change("household", room=room, head_name="王示例") for _ in range(count)]
    assert all(result.status == "created" for result in factories.apply(worker, *made))
    return [str(each.id) for each in made]


def _body(changes: list[Any]) -> bytes:
    offered = [
        {"change": str(each.change), "kind": each.kind, "id": str(each.id), "base": None, "set": each.set}
        for each in changes
    ]
    return json.dumps({"changes": offered}).encode()


def _spent() -> float:
    """Give the CPU seconds of this process and of the one of the database's server that works for it."""
    return time.process_time() + sum(_of_process(server) for server in _servers())


def _of_process(number: int) -> float:
    """Give a process's CPU seconds; to the nanosecond where the kernel counts them."""
    counted = Path(f"/proc/{number}/schedstat")
    if counted.exists():
        return int(counted.read_text().split()[0]) / 1e9
    times = psutil.Process(number).cpu_times()
    return float(times.user + times.system)


@cache
def _servers() -> list[int]:
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return [cursor.fetchone()[0]]


def _ages() -> list[list[float]]:
    """Run the day for twelve age rules, the day before having been run, against twelve queries."""
    Rule.objects.update(enabled=False)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tasks_task")
    for years in AGES:
        _age_rule(years)
    _run(DAY)
    ours, bare = [], []
    for ahead in range(1, ROUNDS + 1):
        day = DAY + timedelta(days=ahead)
        bare.append(_timed(lambda day=day: _queries(day)))
        ours.append(_timed(lambda day=day: _run(day)))
        _tell("ages", ours, bare)
    return [ours, bare]


def _age_rule(years: int) -> None:
    window = {"opens": {"n": -30}, "due": {"n": 60}, "expires": {"n": 180}}
    moment = {"op": "milestone", "field": "birth_date", "at": [years]}
    content = {"subject": "person", "title": "任务", "item": "事项", "text": "说明"}
    rule = rule_save(actor=HUB, rule=Rule(code=f"age_{years:03d}", name=f"{years}周岁"))
    draft = Draft({**content, "moment": moment, "window": window}, DAY - timedelta(days=10))
    version_activate(actor=HUB, version=version_draft(actor=HUB, rule=rule, draft=draft))


def _queries(day: Any) -> None:
    """Ask for the same people with nothing around it."""
    with connection.cursor() as cursor:
        for rule in rules_on(day):
            (years,) = rule.body.moment.at  # type: ignore[union-attr]
            first, last = day - timedelta(days=180), day + timedelta(days=30)
            cursor.execute(
                "SELECT id, grid, household, birth_date FROM records_person"
                " WHERE NOT deleted AND closed_on IS NULL AND birth_date BETWEEN %s AND %s",
                [first.replace(year=first.year - years), last.replace(year=last.year - years)],
            )
            cursor.fetchall()


if __name__ == "__main__":
    main()
