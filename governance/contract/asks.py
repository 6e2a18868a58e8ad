"""What a task needs done (办理要求): space-separated tokens in a task's field ``asks``.

========================= ==================================================================
``person.phone``          a contract field of the subject or of its household that must be filled;
                          what is entered goes into that record itself, never into the task
``doc:02``                a document of code list ``case_material`` seen at the door
``photo``                 at least one photo on the task
``signature``             the resident's signature
========================= ==================================================================
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from governance.contract.codes import CodeBook
from governance.contract.fields import Owner, Problem
from governance.contract.kind import Kind, Lookup, Values

MATERIALS = "case_material"
"""Code list of the documents that may be asked for."""

_FIELD = re.compile(r"([a-z_]{1,30})\.([a-z_]{1,40})")
_DOCUMENT = re.compile(r"doc:([0-9A-Za-z_.-]{1,20})")


class What(StrEnum):
    """Kinds of asks."""

    FIELD = "field"
    DOCUMENT = "doc"
    PHOTO = "photo"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing a task asks for.

    Parameters
    ----------
    what : What
    name : str
        The field's name, the document's code; empty for photo and signature.
    kind : str
        Kind of the record the field belongs to; empty for others.
    """

    what: What
    name: str = ""
    kind: str = ""

    def __str__(self) -> str:
        if self.what is What.FIELD:
            return f"{self.kind}.{self.name}"
        return f"doc:{self.name}" if self.what is What.DOCUMENT else self.what.value


def asks_read(text: object) -> tuple[Ask, ...]:
    """Read the tokens of a task's ``asks``, each once; what is no token is left out, see :func:`asks_odd`."""
    tokens = text.split() if isinstance(text, str) else ()
    found = (_ask(token) for token in dict.fromkeys(tokens))
    return tuple(ask for ask in found if ask is not None)


def asks_odd(text: object) -> list[str]:
    """Give the words of ``asks`` that are no tokens."""
    return [token for token in text.split() if _ask(token) is None] if isinstance(text, str) else []


def asks_write(asks: Iterable[Ask]) -> str | None:
    """Give the text of ``asks``; None for none at all, as in an empty field."""
    return " ".join(dict.fromkeys(str(ask) for ask in asks)) or None


def asks_problems(
    text: object, kinds: Mapping[str, Kind], book: CodeBook, *, subject_kind: str | None
) -> list[Problem]:
    """Say in Chinese what is wrong with asks that somebody writes down.

    Parameters
    ----------
    text : object
        The field's value.
    kinds : mapping
        The contract's kinds by name.
    book : CodeBook
    subject_kind : str or None
        Kind of the task's subject; fields of it and of ``household`` may be asked for.
    """
    reasons = [f"看不懂“{word[:40]}”" for word in asks_odd(text)]
    for ask in asks_read(text):
        if ask.what is What.FIELD:
            reasons += _field_reasons(ask, kinds, subject_kind)
        elif ask.what is What.DOCUMENT:
            item = book.get(MATERIALS, {}).get(ask.name)
            if item is None or item.retired:
                reasons.append(f"材料代码“{ask.name}”不在代码表中或已停用")
    return [Problem("asks", "format", f"办理要求：{reason}") for reason in reasons]


def own_missing(task: Values) -> list[Problem]:
    """Say which photo, signature or documents a task still lacks."""
    asks = (ask for ask in asks_read(task.get("asks")) if ask.what is not What.FIELD)
    return [problem for ask in asks for problem in ask_missing(task, ask, _nowhere)]


def fields_missing(task: Values, lookup: Lookup) -> list[Problem]:
    """Say which asked-for fields are still empty in the records they belong to.

    A field of a record that is not held here is not counted as missing.
    """
    asks = (ask for ask in asks_read(task.get("asks")) if ask.what is What.FIELD)
    return [problem for ask in asks for problem in ask_missing(task, ask, lookup)]


def ask_missing(task: Values, ask: Ask, lookup: Lookup) -> list[Problem]:
    """Say why one thing asked for is not there; nothing where it is."""
    if ask.what is What.FIELD:
        return _field_missing(task, ask, lookup)
    if ask.what is What.PHOTO and not task.get("photos"):
        return [Problem("photos", "required", "办理照片：这项任务要求拍照后才能办结")]
    if ask.what is What.SIGNATURE and not task.get("signature"):
        return [Problem("signature", "required", "居民签名：这项任务要求签名后才能办结")]
    materials = task.get("materials")
    if ask.what is What.DOCUMENT and not (isinstance(materials, list) and ask.name in materials):
        return [Problem("materials", "required", f"已收材料：还缺要求的材料（代码{ask.name}）")]
    return []


def _field_missing(task: Values, ask: Ask, lookup: Lookup) -> list[Problem]:
    target = ask_target(task, ask)
    held = lookup(*target) if target is not None else None
    item = held[0].by_name.get(ask.name) if held is not None else None
    if held is None or item is None or held[1].get(ask.name) not in (None, "", []):
        return []
    reason = f"{held[0].label}的“{item.label}”还没有登记，登记后才能办结"
    return [Problem("asks", "required", reason)]


def _nowhere(_kind: str, _id: str) -> None:
    """Look nothing up."""


def asks_targets(task: Values) -> Iterator[tuple[str, str]]:
    """Give kind and id of the records that the asked-for fields belong to."""
    for ask in asks_read(task.get("asks")):
        target = ask_target(task, ask)
        if target is not None:
            yield target


def ask_target(task: Values, ask: Ask) -> tuple[str, str] | None:
    """Give kind and id of the record that an asked-for field belongs to; None where the task has none."""
    if ask.what is not What.FIELD:
        return None
    id_ = task.get("subject") if ask.kind == task.get("subject_kind") else None
    if id_ is None and ask.kind == "household":
        id_ = task.get("household")
    return (ask.kind, str(id_)) if id_ is not None else None


def _ask(token: str) -> Ask | None:
    if token in (What.PHOTO, What.SIGNATURE):
        return Ask(What(token))
    if matched := _DOCUMENT.fullmatch(token):
        return Ask(What.DOCUMENT, matched[1])
    if matched := _FIELD.fullmatch(token):
        return Ask(What.FIELD, matched[2], matched[1])
    return None


def _field_reasons(ask: Ask, kinds: Mapping[str, Kind], subject_kind: str | None) -> list[str]:
    kind = kinds.get(ask.kind)
    item = kind.by_name.get(ask.name) if kind is not None else None
    if kind is None or item is None:
        return [f"没有“{ask}”这一项"]
    if ask.kind not in (subject_kind, "household"):
        return [f"“{kind.label}”不是任务的对象，也不是所在户"]
    if item.owner is Owner.HUB or item.switched:
        return [f"“{item.label}”不由网格员登记"]
    return []
