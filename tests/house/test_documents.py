"""What the documents promise is there: commands, links, records of decisions."""

import re
import subprocess

import pytest

from tests.house.tree import ROOT, files, short

DOCUMENTS = files(".md")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"\bmake ([a-z]+)\b")
TARGET = re.compile(r"^([a-z]+):.* ## (.+)$", re.MULTILINE)
SECTIONS = ["## Context", "## Decision", "## Status", "## Consequences"]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def targets() -> dict[str, str]:
    return dict(TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))


def anchors(text: str) -> set[str]:
    """Give the anchors of a document's headings, as a reader's browser makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=short)
def test_links_lead_somewhere(document):
    text = document.read_text(encoding="utf-8")
    for link in LINK.findall(text):
        path, _, anchor = link.partition("#")
        if "://" in path:
            continue
        aim = (document.parent / path).resolve() if path else document
        assert aim.exists(), link
        assert not anchor or anchor in anchors(aim.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=short)
def test_commands_exist(document):
    code = "\n".join(re.findall(r"`[^`\n]+`|```.*?```", document.read_text(encoding="utf-8"), re.DOTALL))
    assert set(COMMAND.findall(code)) <= set(targets())


def test_every_target_of_the_makefile_explains_itself_in_both_languages():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    declared = set(re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)[1].split())
    assert declared == set(targets())
    for line in targets().values():
        assert re.search(r"[\u4e00-\u9fff]", line)
        assert re.search(r"· [a-z]", line)


def test_make_alone_is_the_help():
    shown = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert all(f"make {name}" in shown for name in targets())


def test_continuous_integration_runs_make_test():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert re.search(r"^exec make test\b", script.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("record", DECISIONS, ids=short)
def test_a_decision_is_recorded_on_one_page(record):
    text = record.read_text(encoding="utf-8")
    assert re.match(r"\d{4}-[a-z0-9-]+\.md$", record.name)
    assert text.startswith(f"# {record.name[:4]} ")
    assert [line for line in text.splitlines() if line.startswith("## ")] == SECTIONS
    assert len(text.splitlines()) <= 90


def test_decisions_are_numbered_without_gaps():
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
