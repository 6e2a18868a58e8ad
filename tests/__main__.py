"""Every check and test, step by step: ``python -m tests [STEP…]``; this is what `make test` runs.

All steps run even when one fails; the exit status is 1 if any did. The last line counts the
tests of all steps, a failed check as one test.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
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
    """One check, or one run of pytest (``tests`` is true)."""

    name: str
    title: str
    command: Sequence[str | Path]
    tests: bool = False


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
    ),
    Step(
        "end_to_end_postgres",
        "the same, PostgreSQL",
        (*ON_POSTGRES, *PYTEST, *TWO_PROCESSES, "tests/end_to_end"),
        tests=True,
    ),
    Step("soak", "proofs that nothing is lost", (PYTHON, "-m", "tests.soak", "--first")),
    Step("browser", "the admin in a real browser", (*PYTEST, *TWO_PROCESSES, "tests/browser"), tests=True),
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


def say(text: str) -> None:
    """Write a line at once, so that it stands above what the step itself writes."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def run(step: Step) -> Count:
    """Run one step and count."""
    say(f"\n== {step.name}: {step.title}")
    with tempfile.TemporaryDirectory(prefix="hub-report-") as folder:
        report = Path(folder) / "report.xml"
        extra = (f"--junitxml={report}",) if step.tests else ()
        begun = time.monotonic()
        done = subprocess.run((*step.command, *extra), cwd=ROOT, stdin=subprocess.DEVNULL, check=False)
        count = counted(report) if report.exists() else Count()
    if done.returncode and not count.failed:
        count.failed = 1  # a check that failed, or pytest itself: nothing collected, an internal error
    say(f"-- {step.name}: {'ok' if not done.returncode else 'FAILED'}, {time.monotonic() - begun:.0f} s")
    return count


def counted(report: Path) -> Count:
    """Read the counts of a JUnit report as pytest writes it."""
    count = Count()
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        numbers = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
        failed = numbers["failures"] + numbers["errors"]
        count.add(Count(max(numbers["tests"] - failed - numbers["skipped"], 0), failed))
    return count


def main() -> int:
    """Run the named steps, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests", description=__doc__)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(step.name for step in STEPS))
    wanted = parser.parse_args().steps
    if unknown := set(wanted) - {step.name for step in STEPS}:
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    total = Count()
    failed = []
    for step in STEPS:
        if wanted and step.name not in wanted:
            continue
        count = run(step)
        total.add(count)
        if count.failed:
            failed.append(step.name)
    say(f"\nfailed steps: {', '.join(failed)}" if failed else "\nevery step passed")
    say(f"{total.passed} passed, {total.failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
