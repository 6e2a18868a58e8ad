"""Merged duplicates (重复登记合并): what was done for one record is not asked for by the other."""

from collections.abc import Collection, Mapping, Sequence

from governance.contract import KINDS
from governance.contract.kinds.task_states import DONE
from governance.feed.bulk import among
from governance.records.services.duplicates import number_field
from governance.rules.frames import Sql, source_table
from governance.rules.selectors import Finding, rows_of
from governance.tasks.offers import held_for
from governance.tasks.settle import Held


def without_done_twins(findings: Sequence[Finding], held: Mapping[str, Held]) -> list[Finding]:
    """Leave out findings without a task whose occasion was done for a closed record with the same number.

    Parameters
    ----------
    findings : sequence of Finding
    held : mapping
        The tasks that are there, by occasion.
    """
    new = [finding for finding in findings if finding.occasion not in held]
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
