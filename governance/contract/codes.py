"""Code lists (代码表): what a ``code`` field may hold.

The lists themselves are data in ``fixtures/codes``; the hub keeps them in its database,
where an administrator edits them, and sends them to the tablets.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class CodeItem:
    """One code: ``label`` is Chinese; a retired code stays readable but is not taken anew."""

    code: str
    label: str
    retired: bool = False


@dataclass(frozen=True, slots=True)
class CodeList:
    """A code list with its source; ``confirmed`` is False where the city has yet to confirm it."""

    id: str
    label: str
    standard: str
    confirmed: bool
    items: Mapping[str, CodeItem]


CodeBook = Mapping[str, Mapping[str, CodeItem]]
"""List id → code → item."""


_FORM = re.compile(r"[0-9A-Za-z_.-]{1,20}")

_LISTS = ("id", "label", "standard", "confirmed")
_CODES = ("list", "code", "label", "retired")


def code_problem(code: str) -> str | None:
    """Say in Chinese why a text cannot be a code; None if it can.

    Codes are stored and sent as they are, so nothing that JSON escapes may be among their characters.
    """
    return None if _FORM.fullmatch(code) else f"代码“{code}”应为1到20位字母、数字、点、横线或下划线"


def read_code_lists(folder: Path) -> dict[str, CodeList]:
    """Read ``lists.csv`` (id,label,standard,confirmed) and ``codes.csv`` (list,code,label,retired).

    Raises
    ------
    ValueError
        In Chinese, naming file and line: wrong columns, unknown list, a code doubled or of
        another form, empty label, a mark that is neither 0 nor 1.
    """
    lists: dict[str, CodeList] = {}
    items: dict[str, dict[str, CodeItem]] = {}
    for line, row in _rows(folder / "lists.csv", _LISTS):
        key = row["id"]
        if key in lists:
            raise ValueError(f"lists.csv 第{line}行：代码表 {key} 重复")
        items[key] = {}
        lists[key] = CodeList(key, row["label"], row["standard"], row["confirmed"] == "1", items[key])
    for line, row in _rows(folder / "codes.csv", _CODES):
        where = items.get(row["list"])
        if where is None:
            raise ValueError(f"codes.csv 第{line}行：没有代码表 {row['list']}")
        if row["code"] in where:
            raise ValueError(f"codes.csv 第{line}行：{row['list']} 的代码 {row['code']} 重复")
        if problem := code_problem(row["code"]):
            raise ValueError(f"codes.csv 第{line}行：{problem}")
        where[row["code"]] = CodeItem(row["code"], row["label"], row["retired"] == "1")
    return lists


def code_book(lists: Mapping[str, CodeList]) -> dict[str, Mapping[str, CodeItem]]:
    """Make the book that validation looks codes up in."""
    return {key: value.items for key, value in lists.items()}


def _rows(path: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        if tuple(next(reader, ())) != columns:
            raise ValueError(f"{path.name} 第1行：列应为 {','.join(columns)}")
        return [(reader.line_num, _row(path, reader.line_num, columns, cells)) for cells in reader]


def _row(path: Path, line: int, columns: tuple[str, ...], cells: list[str]) -> dict[str, str]:
    if len(cells) != len(columns):
        raise ValueError(f"{path.name} 第{line}行：应有{len(columns)}列，现有{len(cells)}列")
    row = dict(zip(columns, cells, strict=True))
    for name in columns:
        if name in _MARKS and row[name] not in ("0", "1"):
            raise ValueError(f"{path.name} 第{line}行：{name} 应为0或1")
        if name not in _MARKS and name != "standard" and not row[name].strip():
            raise ValueError(f"{path.name} 第{line}行：{name} 不能为空")
    return row


_MARKS = ("confirmed", "retired")
