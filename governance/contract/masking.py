"""Masking (脱敏): what of a personal value may stand in a list, a title or a message.

Telephone 3+4, citizen number 6+4, surname and stars; of everything else no more than is needed
to tell two records apart.
"""

import re
from collections.abc import Mapping

from governance.contract.fields import Field, Sensitivity, Type
from governance.contract.kind import Kind

HIDDEN = "****"
"""What stands for a value of which nothing may be shown."""

_COMPOUND = frozenset(
    re.findall("..", "欧阳司马上官诸葛夏侯尉迟皇甫公孙慕容令狐长孙宇文司徒轩辕东方南宫端木独孤闻人申屠")
)
_NUMBERS = frozenset(
    {"document_number", "owner_document_number", "legal_document_number", "permit_number", "household_no"}
)
_TITLE_TYPES = frozenset({Type.TEXT, Type.CITIZEN, Type.PHONE, Type.CREDIT})


def masked(item: Field, value: object) -> str:
    """Give what may be shown of a value: all of a public one, else its mask; "" where there is none."""
    if value is None or value == "":
        return ""
    text = str(value)
    if item.sensitivity is Sensitivity.PUBLIC:
        return text
    if item.type is Type.PHONE:
        return _middle(text, 3, 4)
    if item.type is Type.CITIZEN:
        return _middle(text, 6, 4)
    if item.type is Type.DATE:
        return f"{text[:4]}-**-**"
    if item.name in _NUMBERS:
        return _middle(text, 0, 4)
    if item.type is Type.TEXT and (item.name == "name" or item.name.endswith("_name")):
        return masked_name(text)
    return HIDDEN


def masked_name(name: str) -> str:
    """Give the surname, of two characters where it is a compound one, and a star for each further one."""
    shown = 2 if name[:2] in _COMPOUND and len(name) > 2 else 1
    return name[:shown] + "*" * max(len(name) - shown, 1)


def masked_title(kind: Kind, values: Mapping[str, object]) -> str:
    """Name a record by its title's texts, masked; "" where it has none."""
    parts = (
        masked(item, values.get(name))
        for name in kind.title
        if (item := kind.by_name[name]).type in _TITLE_TYPES
    )
    return " ".join(part for part in parts if part and part != HIDDEN)


def _middle(text: str, first: int, last: int) -> str:
    if len(text) <= first + last:
        return HIDDEN
    return text[:first] + "*" * (len(text) - first - last) + text[-last:]
