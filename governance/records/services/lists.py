"""Code lists and switches: written by an administrator or from fixtures, told to every tablet."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import NAMESPACE_OID, UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction

from governance.access.actor import Actor
from governance.audit.services import audit_append
from governance.contract import CITY, KINDS, CodeItem, read_code_lists
from governance.contract import CodeList as Fixture
from governance.contract.codes import code_problem
from governance.feed.services import Item, feed_append, heads_lock
from governance.records.models import Code, CodeList, Switch


def list_uid(name: str) -> UUID:
    """Give the id that a code list or switch has on the wire."""
    return uuid5(NAMESPACE_OID, f"community-e-link:{name}")


def codelists_load(*, actor: Actor, folder: Path) -> int:
    """Make the fixtures' lists that the database does not have yet; those it has stay as they are.

    Returns
    -------
    int
        How many lists were new.

    Raises
    ------
    ValueError
        In Chinese, naming file and line.
    """
    fixtures = read_code_lists(folder)
    with transaction.atomic():
        heads = heads_lock([CITY])
        held = set(CodeList.objects.values_list("id", flat=True))
        new = [fixture for name, fixture in fixtures.items() if name not in held]
        _lists_create(new)
        items = [Item(CITY, "codelist", list_uid(fixture.id), 1) for fixture in new]
        feed_append(heads, items)
        if new:
            audit_append(actor=actor, action="codelists_load", scope=CITY, count=len(new), chain=CITY)
    return len(new)


def _lists_create(fixtures: Sequence[Fixture]) -> None:
    CodeList.objects.bulk_create(
        CodeList(
            id=fixture.id,
            uid=list_uid(fixture.id),
            label=fixture.label,
            standard=fixture.standard,
            confirmed=fixture.confirmed,
        )
        for fixture in fixtures
    )
    Code.objects.bulk_create(
        [
            Code(list_id=fixture.id, code=item.code, label=item.label, retired=item.retired, place=place)
            for fixture in fixtures
            for place, item in enumerate(fixture.items.values())
        ],
        batch_size=2000,
    )


def codelist_save(
    *, actor: Actor, name: str, label: str, confirmed: bool, items: Sequence[CodeItem]
) -> CodeList:
    """Store an edited list; codes that are no longer named are retired, never deleted.

    Raises
    ------
    ValidationError
        In Chinese: no such list, a code doubled, of another form or without a name.
    """
    _check_items(items)
    with transaction.atomic():
        heads = heads_lock([CITY])
        found = CodeList.objects.filter(id=name).first()
        if found is None:
            raise ValidationError(f"没有代码表“{name}”")
        found.label, found.confirmed = label, confirmed
        found.version += 1
        found.save(update_fields=["label", "confirmed", "version"])
        named = {item.code for item in items}
        found.codes.exclude(code__in=named).update(retired=True)
        for place, item in enumerate(items):
            values = {"label": item.label, "retired": item.retired, "place": place}
            Code.objects.update_or_create(list=found, code=item.code, defaults=values)
        feed_append(heads, [Item(CITY, "codelist", found.uid, found.version)])
        audit_append(
            actor=actor,
            action="codelist_save",
            kind="codelist",
            scope=CITY,
            detail={"list": name},
            chain=CITY,
        )
    return found


def _check_items(items: Sequence[CodeItem]) -> None:
    seen: set[str] = set()
    for item in items:
        if item.code in seen:
            raise ValidationError(f"代码“{item.code}”重复")
        if problem := code_problem(item.code):
            raise ValidationError(problem)
        if not item.label.strip():
            raise ValidationError(f"代码“{item.code}”缺少名称")
        seen.add(item.code)


def switch_set(*, actor: Actor, field: str, on: bool, legal_basis: str) -> Switch:
    """Turn a switched item on or off for the whole city.

    Raises
    ------
    ValidationError
        In Chinese: no such switched item, or turned on without a legal basis.
    """
    if field not in switchable():
        raise ValidationError(f"“{field}”不是可启用的数据项")
    if on and not legal_basis.strip():
        raise ValidationError("启用采集须写明法律依据")
    with transaction.atomic():
        heads = heads_lock([CITY])
        found = Switch.objects.filter(field=field).first() or Switch(
            field=field, uid=list_uid(field), version=0
        )
        found.on, found.legal_basis = on, legal_basis.strip()
        found.version += 1
        found.save()
        feed_append(heads, [Item(CITY, "switch", found.uid, found.version)])
        audit_append(
            actor=actor,
            action="switch_set",
            kind="switch",
            scope=CITY,
            detail={"field": field, "on": on},
            chain=CITY,
        )
    return found


def switchable() -> Mapping[str, str]:
    """Give ``kind.field`` to label of the items that a city may switch on."""
    return {
        f"{kind.name}.{item.name}": f"{kind.label}：{item.label}"
        for kind in KINDS.values()
        for item in kind.fields
        if item.switched
    }
