"""Every check and test, step by step: ``python -m tests [STEP…]``; this is what `make test` runs.

All steps run even when one fails; the exit status is 1 if any did. The last line counts the
tests of all steps, a failed check as one test. Steps that mostly wait for programs to start run
one after another beside the others; what they write is shown when they are over.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
TOOLS = Path(PYTHON).parent
MANAGE = (PYTHON, "manage.py")
PYTEST = (PYTHON, "-m", "pytest", "-q")
# In the order of tests/conftest.py: long files first, so that no processor waits for the last one.
TWO_PROCESSES = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
ON_POSTGRES = (PYTHON, "-m", "tests.postgres")
APART = ("tests/field_app/screens", "tests/end_to_end", "tests/browser")
UNITS = (*TWO_PROCESSES, "tests", *(f"--ignore={folder}" for folder in APART))


@dataclass(frozen=True)
class Step:
    """One check, or one run of pytest (``tests`` is true); ``beside`` if it leaves processors idle."""

    name: str
    title: str
    command: Sequence[str | Path]
    tests: bool = False
    beside: bool = False


STEPS = (
    Step("style", "ruff: faults and style", (TOOLS / "ruff", "check", "--quiet", ".")),
    Step("form", "ruff: formatting", (TOOLS / "ruff", "format", "--check", "--quiet", ".")),
    Step("types", "mypy", (TOOLS / "mypy",)),
    Step("rooms", "import-linter: who may know whom", (TOOLS / "lint-imports", "--no-cache")),
    Step("migrations", "migrations are complete", (*MANAGE, "makemigrations", "--check", "--dry-run")),
    Step(
        "deploy",
        "settings for production",
        ("env", "SECURE=true", *MANAGE, "check", "--deploy", "--fail-level", "ERROR"),
    ),
    Step("sqlite", "tests on SQLite", (*PYTEST, *UNITS), tests=True),
    Step(
        "postgres",
        "database tests on PostgreSQL",
        (*ON_POSTGRES, *PYTEST, "-m", "database", *UNITS),
        tests=True,
    ),
    Step(
        "screens",
        "the tablet's screens, drawn off screen",
        (*PYTEST, *TWO_PROCESSES, "tests/field_app/screens"),
        tests=True,
    ),
    Step(
        "end_to_end",
        "hub and tablet as processes, SQLite",
        (*PYTEST, *TWO_PROCESSES, "tests/end_to_end"),
        tests=True,
        beside=True,
    ),
    Step(
        "end_to_end_postgres",
        "the same, PostgreSQL",
        (*ON_POSTGRES, *PYTEST, *TWO_PROCESSES, "tests/end_to_end"),
        tests=True,
        beside=True,
    ),
    Step("soak", "proofs that nothing is lost", (PYTHON, "-m", "tests.soak", "--first")),
    Step(
        "browser",
        "the admin in a real browser",
        (*PYTEST, *TWO_PROCESSES, "tests/browser"),
        tests=True,
        beside=True,
    ),
)


@dataclass
class Count:
    """How many tests passed and failed."""

    passed: int = 0
    failed: int = 0

    def add(self, other: "Count") -> None:
        """Add another count to this one."""
        self.passed += other.passed
        self.failed += other.failed


def say(text: str, log: IO[str] | None = None) -> None:
    """Write a line at once, so that it stands above what the step itself writes."""
    out = log or sys.stdout
    out.write(text + "\n")
    out.flush()


def run(step: Step, log: IO[str] | None = None) -> Count:
    """Run one step and count; what it writes goes to ``log`` where there is one."""
    note = partial(say, log=log)
    note(f"\n== {step.name}: {step.title}")
    with tempfile.TemporaryDirectory(prefix="hub-report-") as folder:
        report = Path(folder) / "report.xml"
        extra = (f"--junitxml={report}",) if step.tests else ()
        begun = time.monotonic()
        done = subprocess.run(
            (*step.command, *extra),
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False,
        )  # fmt: skip
        count = counted(report) if report.exists() else Count()
    if done.returncode and not count.failed:
        count.failed = 1  # a check that failed, or pytest itself: nothing collected, an internal error
    verdict = "ok" if not done.returncode else "FAILED"
    note(f"-- {step.name}: {verdict}, {time.monotonic() - begun:.0f} s")
    return count


def counted(report: Path) -> Count:
    """Read the counts of a JUnit report as pytest writes it."""
    count = Count()
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        numbers = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
        failed = numbers["failures"] + numbers["errors"]
        count.add(Count(max(numbers["tests"] - failed - numbers["skipped"], 0), failed))
    return count


def run_all(steps: Sequence[Step]) -> dict[str, Count]:
    """Run steps, two at a time where one leaves processors idle; gives what each counted, in their order."""
    ahead = [step for step in steps if not step.beside]
    beside = [step for step in steps if step.beside]
    if not ahead:
        return {step.name: run(step) for step in beside}
    if beside:
        say(f"beside the others, shown when they are over: {', '.join(step.name for step in beside)}")
    counts: dict[str, Count] = {}
    with Beside(beside) as others:
        for step in ahead:
            counts[step.name] = run(step)
            counts |= others.shown()
        counts |= others.shown(wait=True)
    return {step.name: counts[step.name] for step in steps}


class Beside:
    """Steps that run one after another beside others; what they write is kept until it is shown.

    Leaving the block early, as an interrupt does, begins no further step.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._running = [(step, self._pool.submit(self._run, step)) for step in steps]

    @staticmethod
    def _run(step: Step) -> tuple[Count, str]:
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
            count = run(step, log)
            log.seek(0)
            return count, log.read()

    def shown(self, *, wait: bool = False) -> dict[str, Count]:
        """Show what is over and was not shown yet, or with ``wait`` all; gives what it counted."""
        counts: dict[str, Count] = {}
        while self._running and (wait or self._running[0][1].done()):
            step, future = self._running.pop(0)
            counts[step.name], text = future.result()
            say(text.rstrip("\n"))
        return counts

    def __enter__(self) -> "Beside":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def main() -> int:
    """Run the named steps, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests", description=__doc__)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(step.name for step in STEPS))
    wanted = parser.parse_args().steps
    if unknown := set(wanted) - {step.name for step in STEPS}:
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    counts = run_all([step for step in STEPS if not wanted or step.name in wanted])
    total = Count()
    for count in counts.values():
        total.add(count)
    failed = [name for name, count in counts.items() if count.failed]
    say(f"\nfailed steps: {', '.join(failed)}" if failed else "\nevery step passed")
    say(f"{total.passed} passed, {total.failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
