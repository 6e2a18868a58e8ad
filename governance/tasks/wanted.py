"""What somebody wants done (待办之事): rules, items, plans, cases, alarms and staff all say it so."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from governance.rules.selectors import Finding


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task that should be there.

    Parameters
    ----------
    occasion : str
        Key of the occasion for ever; one task is made of it, whoever asks how often. It begins with the
        origin and its reference: ``<rule>:<subject>:<n>``, ``item:<id>:<subject>``,
        ``plan:<care record>:<date>``, ``case:<id>:<step>``, ``alarm:<source>:<their id>``, ``staff:<id>``.
    origin : str
        Code of list ``task_origin``.
    origin_ref : str
        Rule code, item id, case id ...
    item : str
        The matter (事项), such as ``elder_card``.
    title, reason : str
        Chinese; they name no person.
    priority : str
        Code of list ``priority``.
    subject_kind, subject : str, UUID
        Whom or what it is about; both None for a task about a place or a grid as a whole.
    grid : str
    household : UUID, optional
        Which door to go to.
    opens_on, due_on, expires_on : date
        Asia/Shanghai days in order; a task without ``expires_on`` never expires.
    asks : str
        See :mod:`governance.contract.asks`; empty for nothing.
    assignee : str
        Empty for whoever holds the grid's post today; ``user:``, ``station:``, ``team:`` and an id. Of a rule
        also ``station``, ``peace``, ``grid``, ``team`` for the nearest.
    lon, lat : float, optional
        Degrees, EPSG:4490, where it is about no household.
    register : str
        Care register it comes from, without whose right nobody sees the task; empty for others.
    """

    occasion: str
    origin: str
    origin_ref: str
    item: str
    title: str
    reason: str
    grid: str
    opens_on: date
    due_on: date
    priority: str = "1"
    subject_kind: str | None = None
    subject: UUID | None = None
    household: UUID | None = None
    expires_on: date | None = None
    asks: str = ""
    assignee: str = ""
    lon: float | None = None
    lat: float | None = None
    register: str = ""


def wanted_of(finding: Finding) -> Wanted:
    """Give what a rule's finding asks for."""
    return Wanted(
        occasion=finding.occasion,
        origin="rule",
        origin_ref=finding.rule,
        item=finding.item,
        title=finding.title,
        reason=finding.reason,
        grid=finding.grid,
        opens_on=finding.opens_on,
        due_on=finding.due_on,
        priority=finding.priority,
        subject_kind=finding.subject_kind,
        subject=finding.subject,
        household=finding.household,
        expires_on=finding.expires_on,
        asks=finding.asks,
        assignee=finding.assignee,
        register=finding.register,
    )
