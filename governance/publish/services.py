"""Agreements and keys: made, changed, put out of use; each leaves its trace."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.models import Department
from governance.access.policy import check_can
from governance.access.services.keys import outside_key_find, outside_key_make, outside_key_void
from governance.audit.services import audit_append
from governance.contract import CITY
from governance.publish.catalogue import terms_problems
from governance.publish.models import Agreement, DepartmentKey
from governance.records.codes import switches_on
from governance.records.outside import KeyUnknown


@transaction.atomic
def agreement_save(
    *,
    actor: Actor,
    department: Department,
    kind: str,
    fields: Sequence[str],
    area: str,
    purpose: str,
    legal_basis: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
    enabled: bool = True,
    agreement: Agreement | None = None,
) -> Agreement:
    """Make an agreement, or change the one given; a changed one makes its department begin anew.

    Parameters
    ----------
    actor : Actor
    department : Department
    kind : str
        Kind of record, one of :data:`governance.publish.catalogue.BASE`.
    fields : sequence of str
        Items that the department gets; none switched off, sensitive ones only with ``legal_basis``.
    area : str
        First digits of the grids.
    purpose, legal_basis : str
    valid_from : date, optional
        Today when left out.
    valid_to : date, optional
        Last day.
    enabled : bool
    agreement : Agreement, optional

    Raises
    ------
    Forbidden
        Unless the actor manages the platform.
    ValidationError
        In Chinese, by field.
    """
    check_can(actor, "manage_system")
    # Two who change it at once make two versions of it, or departments would miss the second.
    rows = Agreement.objects.select_for_update()
    held = rows.get(pk=agreement.pk) if agreement is not None else Agreement(version=0)
    held.department, held.kind, held.fields = department, kind, sorted(set(fields))
    held.area, held.purpose, held.legal_basis = area, purpose.strip(), legal_basis.strip()
    held.valid_from, held.valid_to, held.enabled = valid_from or timezone.localdate(), valid_to, enabled
    held.version += 1
    problems = terms_problems(
        kind=kind, fields=held.fields, area=area, legal_basis=legal_basis, switched_on=switches_on()
    )
    if problems:
        raise ValidationError(problems)
    held.full_clean()
    held.save()
    detail = {"agreement": held.pk, "department": department.pk, "fields": held.fields, "enabled": enabled}
    _trace(actor, "publish.agreement", detail, kind)
    return held


@transaction.atomic
def key_issue(*, actor: Actor, department: Department, name: str = "") -> tuple[DepartmentKey, str]:
    """Give a department a new key, and its text, which cannot be shown again.

    Raises
    ------
    Forbidden
        Unless the actor manages the platform.
    """
    key, text = outside_key_make(actor=actor, model=DepartmentKey, name=name, department=department)
    _trace(actor, "publish.key_issue", {"key": key.pk, "department": department.pk, "name": key.name})
    return key, text


@transaction.atomic
def key_revoke(*, actor: Actor, key: DepartmentKey) -> DepartmentKey:
    """Make a key void at once; one revoked already stays as it is.

    Raises
    ------
    Forbidden
        Unless the actor manages the platform.
    """
    if outside_key_void(actor=actor, key=key):
        _trace(actor, "publish.key_revoke", {"key": key.pk, "department": key.department_id})
    return key


def key_authenticate(text: str) -> DepartmentKey:
    """Give the key that a text is, with its department: one query, and a write at most once a minute.

    Raises
    ------
    KeyUnknown
        No such key, or revoked.
    """
    key = outside_key_find(DepartmentKey.objects.select_related("department"), text)
    if key is None:
        raise KeyUnknown("密钥无效或已停用")
    return key


def _trace(actor: Actor, action: str, detail: dict[str, object], kind: str = "") -> None:
    audit_append(actor=actor, action=action, kind=kind, scope=CITY, detail=detail, chain=CITY)
