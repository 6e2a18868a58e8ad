"""Searching a registry (查找). The words are kept in the session: no number or name gets into an address."""

import re
import secrets
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from governance.contract import Kind

TOKEN = "s"  # noqa: S105 - the name of a parameter
"""Parameter that names a search of this session."""

_KEY = "searches"
_KEPT = 20
_LONGEST = 60
_SHORT = 6
_LAST = 4
_DIGITS = re.compile(r"[0-9]{4,}[0-9Xx]?")

_NUMBERS: dict[str, tuple[str, ...]] = {
    "person": ("citizen_number__startswith", "citizen_number__endswith", "phone", "document_number"),
    "household": ("head_citizen_number__startswith", "head_phone", "household_no"),
    "organisation": ("credit_code__startswith", "phone", "legal_phone", "manager_phone"),
    "thing": ("part_code__startswith",),
    "building": ("leader_phone",),
    "room": ("owner_phone", "tenant_phone", "house_code"),
    "event": ("reporter_phone", "party_phone"),
}
_DOOR = ("address", "building__address", "building__estate", "building__name")
_TEXTS: dict[str, tuple[str, ...]] = {
    "person": ("name", *(f"household__room__{name}" for name in _DOOR)),
    "household": ("head_name", *(f"room__{name}" for name in _DOOR)),
    "building": ("name", "estate", "address"),
    "room": (*_DOOR, "number", "unit"),
    "organisation": ("name", "address", "credit_code"),
    "thing": ("name", "address"),
    "event": ("title", "address", "description"),
    "task": ("title", "item", *(f"household__room__{name}" for name in _DOOR)),
    "visit": ("person__name", *(f"household__room__{name}" for name in _DOOR)),
    "paper": ("person__name", *(f"household__room__{name}" for name in _DOOR)),
    "case": ("number", "person__name", *(f"household__room__{name}" for name in _DOOR)),
}
_CARE = ("person__name", *(f"person__household__room__{name}" for name in _DOOR))

HELP = {
    "person": "姓名、身份证号（全号、前6位以上或后4位）、电话或住址",
    "household": "户主姓名、电话、户号或住址",
    "building": "小区、楼栋或地址",
    "room": "楼栋、房号、地址或房主电话",
    "organisation": "名称、信用代码、电话或地址",
    "thing": "名称、标识码或位置",
    "event": "名称、地址、简述或电话",
    "task": "任务名称、事项或住址",
    "visit": "走访对象姓名或住址",
    "paper": "持有人姓名或住址",
    "case": "受理编号、办理对象姓名或住址",
}
"""What may be searched for, for people."""


def search_help(kind: Kind) -> str:
    """Say what a kind is searched by."""
    return HELP.get(kind.name, "姓名或住址")


def term_keep(request: HttpRequest, term: str) -> str:
    """Keep a search in the session and give its token; "" for an empty one."""
    term = term.strip()[:_LONGEST]
    if not term:
        return ""
    token = secrets.token_urlsafe(6)
    kept = list(request.session.get(_KEY, []))[-_KEPT + 1 :]
    request.session[_KEY] = [*kept, [token, term]]
    return token


def term_of(request: HttpRequest) -> str:
    """Give the words that the request's token stands for."""
    token = request.GET.get(TOKEN)
    return next((term for kept, term in request.session.get(_KEY, []) if kept == token), "")


def found(kind: Kind, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
    """Keep the rows that every word of ``term`` fits.

    A word of digits is held against numbers, exactly or by their beginning, which indexes answer;
    any other against names and addresses.
    """
    for word in term.split():
        rows = rows.filter(_fits(kind, word))
    return rows


def _fits(kind: Kind, word: str) -> Q:
    wanted = Q()
    if _DIGITS.fullmatch(word):
        wanted = _number(_NUMBERS.get(kind.name, ()), word.upper())
    if not wanted or len(word) < _SHORT:
        for name in _TEXTS.get(kind.name, _CARE):
            wanted |= Q(**{f"{name}__icontains": word})
    return wanted


def _number(lookups: tuple[str, ...], word: str) -> Q:
    wanted = Q()
    for lookup in lookups:
        if lookup.endswith("__endswith") and len(word) != _LAST:
            continue
        if lookup.endswith("__startswith") and len(word) < _SHORT:
            continue
        wanted |= Q(**{lookup: word})
    return wanted
