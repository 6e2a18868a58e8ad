"""Filters of the registries' lists (筛选): area step by step, codes, whether still on the books."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from governance.access.scope import Scope
from governance.contract import Field, Kind
from governance.records.codes import book
from governance.records.registry.areas import area_clean, in_area, steps
from governance.records.registry.late import can_be_late, late_rows, waiting_rows
from governance.records.registry.purpose import staff_actor

CODED: dict[str, tuple[str, ...]] = {
    "person": ("residence_kind", "sex", "verification"),
    "household": ("kind", "presence", "verification"),
    "building": ("verification",),
    "room": ("use", "rented", "verification"),
    "organisation": ("category", "place_kind", "verification"),
    "thing": ("part_class", "state", "verification"),
    "event": ("event_class", "urgency", "state"),
    "task": ("state", "outcome", "priority"),
    "visit": ("purpose", "found"),
    "paper": ("material",),
    "case": ("service", "state"),
}
"""Kind → fields to filter by; sensitive values are never filtered by, as that would show them."""


class AreaFilter(SimpleListFilter):
    """The area: a code of 6 to 15 digits."""

    title = "区划"
    parameter_name = "area"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        self.scope: Scope = staff_actor(request).scope
        super().__init__(request, params, model, model_admin)
        self.area = area_clean(str(self.value() or ""), self.scope)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Give nothing: :meth:`levels` does."""
        return []

    def has_output(self) -> bool:
        """Always be there."""
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what lies in the area."""
        return queryset.filter(in_area(self.area))

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Give nothing: :meth:`levels` does."""
        yield from ()

    def levels(self, changelist: ChangeList) -> list[dict[str, Any]]:
        """Give a list of choices for each level down to one below the area."""
        found = []
        for step in steps(self.scope, self.area):
            options = [
                ("", f"全部{step.label}", step.above),
                *((code, name, code) for code, name in step.options),
            ]
            found.append(
                {
                    "label": step.label,
                    "options": [
                        {
                            "name": name,
                            "selected": code == step.chosen,
                            "query": changelist.get_query_string({"area": to or None}, ["p"]),
                        }
                        for code, name, to in options
                    ],
                }
            )
        return found


class StandingFilter(SimpleListFilter):
    """Whether records are on the books; without choice only those that are."""

    title = "状态"
    parameter_name = "standing"
    _tests = {
        None: Q(deleted=False, closed_on=None),
        "closed": Q(deleted=False, closed_on__isnull=False),
        "withdrawn": Q(deleted=True),
        "all": Q(deleted=False),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Give the other choices."""
        return [("closed", "已注销"), ("withdrawn", "误录作废"), ("all", "在册和已注销")]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Name the first choice by what it is."""
        for place, choice in enumerate(super().choices(changelist)):
            yield {**choice, "display": "在册"} if place == 0 else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what was chosen."""
        return queryset.filter(self._tests.get(self.value(), self._tests[None]))


class DuplicateFilter(SimpleListFilter):
    """People whose number another record holds too."""

    title = "疑似重复"
    parameter_name = "duplicate"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Give the choice."""
        return [("1", "仅疑似重复")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep them."""
        return queryset.filter(duplicate=True) if self.value() == "1" else queryset


class LateFilter(SimpleListFilter):
    """Tasks and cases with which something is to be done, or should have been."""

    title = "待办"
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Give the choices."""
        return [("0", "仅待办"), ("1", "仅逾期")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep what was chosen."""
        chosen = {"0": waiting_rows, "1": late_rows}.get(str(self.value()))
        return queryset.filter(chosen(queryset.model.contract)) if chosen else queryset


def code_filter(item: Field) -> type[SimpleListFilter]:
    """Make the filter by a field's codes (or yes and no)."""

    def lookups(self: SimpleListFilter, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        if item.codes is None:
            return [("1", "是"), ("0", "否")]
        return [(code.code, code.label) for code in book().get(item.codes, {}).values() if not code.retired]

    def queryset(self: SimpleListFilter, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        value: Any = self.value()
        if value is None:
            return rows
        return rows.filter(**{item.name: value == "1" if item.codes is None else value})

    members = {"title": item.label, "parameter_name": item.name, "lookups": lookups, "queryset": queryset}
    return type(f"{item.name.title()}Filter", (SimpleListFilter,), members)


def filters_of(kind: Kind) -> tuple[type[SimpleListFilter], ...]:
    """Give the filters of a kind's list."""
    coded = (code_filter(kind.by_name[name]) for name in CODED.get(kind.name, ()))
    more = (DuplicateFilter,) if "duplicate" in kind.by_name else ()
    late = (LateFilter,) if can_be_late(kind) else ()
    return (AreaFilter, *coded, *more, *late, StandingFilter)
