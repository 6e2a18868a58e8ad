"""One case in full (办件详情), for a desk: no more of the person than the service needs, and with a trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from governance.access.actor import Actor
from governance.access.models import Department, User
from governance.audit.services import audit_append
from governance.contract import KINDS, CodeBook
from governance.contract.asks import MATERIALS
from governance.contract.casework import consent_text
from governance.contract.masking import masked
from governance.records.codes import book
from governance.records.files.errors import FileMissing
from governance.records.files.reading import Served, file_serve
from governance.records.models import History
from governance.records.registry.values import full
from governance.records.rows import Held, rows_read
from governance.tasks.cases.desk import CaseUnknown
from governance.tasks.cases.papers import papers_of
from governance.tasks.models import CaseStep, ProxyService

_OWN_FILES = ("signature", "receipt")


@dataclass(frozen=True, slots=True)
class Datum:
    """One value that the service needs: ``name`` is its contract field, such as ``person.name``."""

    name: str
    label: str
    value: object
    text: str


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One material of the checklist; ``id`` is empty where it is not there."""

    material: str
    label: str
    needed: bool
    id: str = ""
    number: str = ""
    seen_on: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A case with what its handling needs; ``consent`` are the words that were signed."""

    held: Held
    service: ProxyService
    data: tuple[Datum, ...]
    papers: tuple[PaperLine, ...]
    steps: tuple[CaseStep, ...]
    consent: str


def sheet_of(held: Held, *, whole: bool) -> Sheet:
    """Give a case in full; values masked unless ``whole``.

    Parameters
    ----------
    held : Held
    whole : bool
        Whether values and numbers of materials are given unmasked; who asks for that leaves a trace.

    Raises
    ------
    CaseUnknown
        Where the catalogue does not know its service.
    """
    known_as = str(held.values["service"])
    service = ProxyService.objects.select_related("department").filter(pk=known_as).first()
    if service is None:
        raise CaseUnknown("平台没有这项代办事项")
    known = book()
    papers = _papers(held, service, known, whole=whole)
    department = service.department.name if service.department else ""
    names = "、".join(line.label for line in papers if line.id)
    return Sheet(
        held=held,
        service=service,
        data=tuple(_data(held, service, known, whole=whole)),
        papers=papers,
        steps=tuple(CaseStep.objects.filter(case=held.id).order_by("version")),
        consent=consent_text(service.label, department, names),
    )


def sheet_trace(actor: Actor, sheet: Sheet, action: str, **detail: object) -> None:
    """Enter that somebody read a case; the subject is the person it concerns."""
    held = sheet.held
    with transaction.atomic():
        audit_append(
            actor=actor,
            action=action,
            kind="case",
            subject=UUID(str(held.values["person"])),
            scope=held.grid,
            detail={"case": held.id, **detail},
            chain=held.grid,
        )


def case_file(actor: Actor, held: Held, id_: UUID, *, thumb: bool = False) -> Served:
    """Give a file of a case: one of its materials' photos, or a signature; leaves a trace.

    Raises
    ------
    FileMissing
        It belongs neither to the case nor to a material that its service needs.
    FileWaiting
        It has not arrived yet.
    """
    sheet = sheet_of(held, whole=False)
    known = {file for line in sheet.papers for file in line.files}
    known |= {file for name in _OWN_FILES for file in _ids(held.values.get(name))}
    if str(id_) not in known:
        raise FileMissing("没有这个文件，或不属于这个代办件")
    served = file_serve(id_, thumb=thumb)
    sheet_trace(actor, sheet, "cases.file", file=str(id_))
    return served


def _data(held: Held, service: ProxyService, known: CodeBook, *, whole: bool) -> list[Datum]:
    records: dict[str, Mapping[str, object]] = {}
    for kind in ("person", "household"):
        id_ = str(held.values[kind])
        found = rows_read(kind, [id_]).get(id_)
        records[kind] = found.values if found is not None else {}
    names = service.shared or ["person.name"]
    return [_datum(name, records, known, whole=whole) for name in names]


def _datum(name: str, records: Mapping[str, Mapping[str, object]], known: CodeBook, *, whole: bool) -> Datum:
    kind, _, field = name.partition(".")
    item, value = KINDS[kind].by_name[field], records[kind].get(field)
    text = full(item, value, known)
    shown = text if whole or not text else masked(item, text)
    return Datum(name, item.label, value if whole else None, shown)


def _papers(held: Held, service: ProxyService, known: CodeBook, *, whole: bool) -> tuple[PaperLine, ...]:
    wanted: Sequence[str] = [*service.needed, *service.optional]
    found: dict[str, Any] = {}
    for row in papers_of(held, wanted):
        found.setdefault(row.material, row)
    labels = known.get(MATERIALS, {})
    number = KINDS["paper"].by_name["number"]
    lines = []
    for code in wanted:
        label = labels[code].label if code in labels else code
        row = found.get(code)
        if row is None:
            lines.append(PaperLine(code, label, code in service.needed))
            continue
        shown = (row.number or "") if whole else masked(number, row.number)
        lines.append(
            PaperLine(
                code,
                label,
                code in service.needed,
                str(row.pk),
                shown,
                row.seen_on.isoformat(),
                tuple(_ids(row.photos)),
            )
        )
    return tuple(lines)


def _ids(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def takers_of_steps(sheet: Sheet) -> dict[int, str]:
    """Give by version what people read of who took each step: three queries.

    A worker's step is entered by the hub, which reads it from the feed; whose it was stands in the history.
    """
    tablet = [step.version for step in sheet.steps if step.side == CaseStep.Side.WORKER]
    changed = History.objects.filter(record=sheet.held.id, version__in=tablet, user__isnull=False)
    of = dict(changed.values_list("version", "user"))
    by = {step.by for step in sheet.steps}
    known = User.objects.filter(Q(pk__in=of.values()) | Q(username__in=by)).only("username", "name")
    people: dict[object, str] = {
        key: f"{row.name}（{row.username}）" for row in known for key in (row.pk, row.username)
    }
    departments = {f"department:{row.code}": row.name for row in Department.objects.all()}
    return {
        step.version: people.get(of.get(step.version, step.by)) or departments.get(step.by) or "平台"
        for step in sheet.steps
    }
