"""Masking in lists (脱敏): telephone 3+4, citizen number 6+4, surname and stars."""

import re

_COMPOUND = frozenset(
    re.findall("..", "欧阳司马上官诸葛夏侯尉迟皇甫公孙慕容令狐长孙宇文司徒轩辕东方南宫端木独孤闻人申屠")
)
"""Surnames of two characters."""


def masked_name(name: str) -> str:
    """Give the surname and a star for each further character."""
    shown = 2 if name[:2] in _COMPOUND and len(name) > 2 else 1
    return name[:shown] + "*" * (len(name) - shown)


def masked_phone(number: str) -> str:
    """Give the first three and the last four digits."""
    return _middle(number, 3, 4)


def masked_citizen_number(number: str) -> str:
    """Give the first six and the last four digits, so that the birth date is hidden."""
    return _middle(number, 6, 4)


def masked_text(text: str) -> str:
    """Give the last three characters of any other personal value."""
    return _middle(text, 0, 3)


def _middle(text: str, first: int, last: int) -> str:
    if len(text) <= first + last:
        return "*" * len(text)
    return text[:first] + "*" * (len(text) - first - last) + text[-last:]
