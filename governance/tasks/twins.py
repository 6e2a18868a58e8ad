"""Merged duplicates (重复登记合并): what was done for one record is not asked for by the other."""

from collections.abc import Collection, Mapping, Sequence

from governance.contract import KINDS
from governance.contract.kinds.task_states import DONE, EXPIRED, OPEN_STATES, WITHDRAWN
from governance.feed.bulk import among
from governance.records.services.duplicates import number_field
from governance.rules.frames import Sql, source_table, unclosed
from governance.rules.selectors import Finding, rows_of
from governance.tasks.offers import held_for
from governance.tasks.settle import Held


def without_done_twins(findings: Sequence[Finding], held: Mapping[str, Held]) -> list[Finding]:
    """Leave out findings without an open task that was done for a closed record with the same number.

    Parameters
    ----------
    findings : sequence of Finding
    held : mapping
        The tasks that are there, by occasion.
    """
    ended = {occasion for occasion, task in held.items() if task.state in (WITHDRAWN, EXPIRED)}
    new = [each for each in findings if each.occasion not in held or each.occasion in ended]
    twins = _closed_twins(new)
    if not twins:
        return list(findings)
    theirs = {
        finding.occasion: {
            finding.occasion.replace(str(finding.subject), twin)
            for twin in twins.get(str(finding.subject), ())
        }
        for finding in new
    }
    there = held_for({occasion for occasions in theirs.values() for occasion in occasions})
    done = {occasion for occasion, task in there.items() if task.state == DONE}
    return [finding for finding in findings if not theirs.get(finding.occasion, set()) & done]


def asked_twice(done: Sequence[Held]) -> list[Held]:
    """Give the open tasks that ask again for what was done for records since closed with the same number."""
    theirs = {
        task.occasion.replace(task.subject, twin)
        for kind in {task.subject_kind for task in done}
        for subject, twin in _open_twins(kind, {task.subject for task in done if task.subject_kind == kind})
        for task in done
        if task.subject == subject
    }
    return [task for task in held_for(theirs).values() if task.state in OPEN_STATES]


def _open_twins(kind: str | None, ids: Collection[str]) -> list[tuple[str, str]]:
    """Give the closed records among some, each with an open one that holds the same number."""
    number = number_field(kind) if kind else None
    if kind is None or number is None:
        return []
    chosen, values = among("o.id", sorted(ids), "uuid")
    table = source_table(KINDS[kind])
    text = (
        f'SELECT o.id, t.id FROM "{table}" o JOIN "{table}" t ON o."{number}" = t."{number}"'
        f" WHERE {chosen} AND NOT o.deleted AND o.closed_on IS NOT NULL AND {unclosed('t')}"
    )
    return [(str(gone), str(twin)) for gone, twin in rows_of(Sql(text, tuple(values)))]


def _closed_twins(findings: Sequence[Finding]) -> dict[str, list[str]]:
    """Give by subject the closed records that hold the same number."""
    found: dict[str, list[str]] = {}
    for kind in {finding.subject_kind for finding in findings}:
        number = number_field(kind)
        if number is None:
            continue
        ids = {str(finding.subject) for finding in findings if finding.subject_kind == kind}
        for subject, twin in rows_of(_pairs(kind, number, ids)):
            found.setdefault(str(subject), []).append(str(twin))
    return found


def _pairs(kind: str, number: str, ids: Collection[str]) -> Sql:
    chosen, values = among("t.id", sorted(ids), "uuid")
    table = source_table(KINDS[kind])
    text = (
        f'SELECT t.id, o.id FROM "{table}" t JOIN "{table}" o ON o."{number}" = t."{number}"'
        f" WHERE {chosen} AND o.id <> t.id AND NOT o.deleted AND o.closed_on IS NOT NULL"
    )
    return Sql(text, tuple(values))
