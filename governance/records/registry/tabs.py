"""What a record's page shows beside the form: where values come from, what happened, what belongs to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from governance.access.actor import Actor
from governance.access.models import User
from governance.contract import KINDS, CodeBook, Field, Kind, Type
from governance.contract.kind import Values
from governance.records.models import History, Record, kept_kinds, model_of
from governance.records.origins import origin_of
from governance.records.registry.labels import joins, label, labels, rows_of
from governance.records.registry.lines import FOR_MACHINES
from governance.records.registry.named import is_named, names_of
from governance.records.registry.values import local, shown, source_label
from governance.records.rows import Held
from governance.records.veil import unveiled

_MOST_CHANGES = 100
_MOST_ROWS = 20
_STATUS = {"created": "新登记", "updated": "修改", "merged": "合并修改", "contested": "部分待核"}


@dataclass(frozen=True, slots=True)
class Group:
    """Records that belong to the one shown: ``rows`` are pairs of address and text."""

    label: str
    rows: list[tuple[str, str]]
    more: bool


def reference_names(kind: Kind, values: Values) -> dict[str, str]:
    """Give labels of the records that the values refer to, by id: one query a reference; and other names."""
    names = names_of(kind.name, values.items())
    for item in kind.references:
        value = values.get(item.name)
        if value:
            names |= labels(item.target or "", [value])
    return names


def sources(held: Held, book: CodeBook, names: dict[str, str]) -> list[dict[str, Any]]:
    """Give for every held value its source, collector, time and whether it was verified: one query."""
    people = _people(origin.get("u") for origin in held.origins)
    found = []
    for item in held.kind.fields:
        value = held.values.get(item.name)
        if value is None or item.name in FOR_MACHINES:
            continue
        origin = origin_of(held.origins, item.name)
        time = origin.get("t")
        found.append(
            {
                "label": item.label,
                "value": _said(held.kind, item, value, book, names),
                "owner": source_label(item.owner.value, book),
                "source": source_label(origin.get("s", ""), book),
                "who": people.get(origin.get("u"), "") or ("平台" if origin else ""),
                "device": "平板" if origin.get("d") else "",
                "time": local(time) if time else "",
                "verified": bool(origin.get("ok")),
            }
        )
    return found


def _said(kind: Kind, item: Field, value: object, book: CodeBook, names: dict[str, str]) -> str:
    if item.type is Type.REF:
        return names.get(str(value), "")
    text = shown(item, value, book)
    return names.get(text, text) if is_named(kind.name, item.name) else text


def history(held: Held, book: CodeBook) -> list[dict[str, Any]]:
    """Give what happened to a record, the latest first: two queries."""
    rows = list(History.objects.filter(record=held.id).order_by("-version", "-at")[:_MOST_CHANGES])
    people = _people(row.user for row in rows)
    changed = [row for row in rows if row.status != "created"]
    told = [pair for row in changed for pair in (*row.set.items(), *row.before.items())]
    names = names_of(held.kind.name, told)
    return [
        {
            "time": local(row.at.isoformat()),
            "who": people.get(row.user, "") or "平台",
            "device": "平板" if row.device else "",
            "source": source_label(row.source, book),
            "status": _STATUS.get(row.status, row.status),
            "version": row.version,
            "changes": [] if row.status == "created" else _changes(held.kind, row, book, names),
            "count": len(row.set),
        }
        for row in rows
    ]


def _changes(kind: Kind, row: History, book: CodeBook, names: dict[str, str]) -> list[tuple[str, str, str]]:
    found = []
    for name, value in row.set.items():
        item = kind.by_name.get(name)
        if is_named(kind.name, name):
            was, now = str(row.before.get(name) or ""), str(value or "")
            found.append((item.label if item else "所在网格", names.get(was, was), names.get(now, now)))
            continue
        if item is None:
            continue
        if item.type is Type.REF:
            found.append((item.label, "", "已变更"))
        else:
            found.append((item.label, shown(item, row.before.get(name), book), shown(item, value, book)))
    return found


def related(site: AdminSite, request: HttpRequest, actor: Actor, held: Held) -> list[Group]:
    """Give the records that this one refers to and those that refer to it, within the user's rights."""
    groups = []
    for item in held.kind.references:
        value = held.values.get(item.name)
        if value and _open_to(site, request, item.target or ""):
            groups.append(_group(item.label, rows_of(item.target or "").filter(pk=value), actor))
    household = held.values.get("household")
    if held.kind.name == "person" and household:
        members = rows_of("person").filter(household=household, closed_on=None).exclude(pk=held.id)
        groups.append(_group("同户成员", members, actor))
    for name in kept_kinds():
        pointing = _pointing(KINDS[name], held)
        if pointing and _open_to(site, request, name):
            groups.append(_group(KINDS[name].label, rows_of(name).filter(pointing), actor))
    return [group for group in groups if group.rows]


def _pointing(kind: Kind, held: Held) -> Q:
    wanted = Q()
    for item in kind.references:
        if item.target == held.kind.name:
            wanted |= Q(**{item.name: held.id})
    if "subject" in kind.by_name:
        wanted |= Q(subject=held.id)
    return wanted


def _group(heading: str, rows: "QuerySet[Record]", actor: Actor) -> Group:
    kind = rows.model.contract
    within = rows.filter(actor.scope.q(), unveiled(actor, kind), deleted=False)
    chosen = within.select_related(*joins(kind.name)).order_by("id")
    found = list(chosen[: _MOST_ROWS + 1])
    return Group(
        heading, [(change_url(row), label(row)) for row in found[:_MOST_ROWS]], len(found) > _MOST_ROWS
    )


def change_url(record: Record) -> str:
    """Give the address of a record's page."""
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def _open_to(site: AdminSite, request: HttpRequest, kind: str) -> bool:
    if kind not in kept_kinds():
        return False
    model = model_of(kind)
    return site.is_registered(model) and site.get_model_admin(model).has_view_permission(request)


def _people(ids: Iterable[int | None]) -> dict[int | None, str]:
    wanted = {id_ for id_ in ids if id_ is not None}
    if not wanted:
        return {}
    return {user.pk: user.get_full_name() for user in User.objects.filter(pk__in=wanted)}
