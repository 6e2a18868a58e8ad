"""Values as people read them (显示): codes by their names, moments in local time, personal ones masked."""

from datetime import datetime
from zoneinfo import ZoneInfo

from governance.contract import CodeBook, Field, Sensitivity, Type
from governance.contract.masking import masked

SHANGHAI = ZoneInfo("Asia/Shanghai")
_FLAGS = {True: "是", False: "否"}


def full(item: Field, value: object, book: CodeBook) -> str:
    """Give a value, unmasked, in words.

    Parameters
    ----------
    item : Field
    value : object
        JSON form; None gives "".
    book : CodeBook
    """
    if value is None or value == "":
        return ""
    if item.type is Type.CODE:
        return code_label(item, str(value), book)
    if item.type is Type.CODES and isinstance(value, list):
        return "、".join(code_label(item, str(code), book) for code in value)
    if item.type is Type.FILES and isinstance(value, list):
        return f"{len(value)}{item.unit}"
    if item.type is Type.FLAG:
        return _FLAGS[bool(value)]
    if item.type is Type.MOMENT:
        return local(str(value))
    return f"{number_text(value) if isinstance(value, float) else value}{item.unit}"


def shown(item: Field, value: object, book: CodeBook) -> str:
    """Give what may be shown of a value: in words where it is public, else its mask."""
    if hidden(item):
        return masked(item, value)
    return full(item, value, book)


def hidden(item: Field) -> bool:
    """Whether values of a field are masked until asked for with a reason."""
    return item.sensitivity is not Sensitivity.PUBLIC


def number_text(value: float) -> str:
    """Give a number without a fraction of nought."""
    return str(int(value)) if value.is_integer() else str(value)


def code_label(item: Field, code: str, book: CodeBook) -> str:
    """Give the name of a code; one that the list does not know stands for itself."""
    found = book.get(item.codes or "", {}).get(code)
    return found.label if found else code


def local(moment: str) -> str:
    """Give a UTC moment as day and minute in Shanghai."""
    when = datetime.fromisoformat(moment)
    return when.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def source_label(code: str, book: CodeBook) -> str:
    """Give the name of who a value is ascribed to; one that the list does not know stands for itself."""
    found = book.get("source", {}).get(code)
    return found.label if found else code
