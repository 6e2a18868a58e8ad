"""Reading JSON given as an argument, a file or standard input."""

import json
import sys
from pathlib import Path

from field_app.errors import TabletError, reason_of

_MOST = 64 * 1024 * 1024


class InputError(TabletError):
    """The given JSON cannot be read; the message says where it stops."""


def objects_read(source: str) -> list[dict[str, object]]:
    """Read one JSON object, an array of them, or one a line.

    Parameters
    ----------
    source : str
        JSON text, ``@`` and a file name, or ``-`` for standard input.
    """
    text = _text(source)
    if not text.strip():
        raise InputError("没有给出 JSON")
    try:
        value = json.loads(text)
    except RecursionError:
        raise InputError("JSON 嵌套过深") from None
    except ValueError as error:
        if "\n" not in text.strip():
            raise InputError(f"不是有效的 JSON：{_where(error)}") from None
        return [_line(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    items = value if isinstance(value, list) else [value]
    return [_object(item, f"第{number}条") for number, item in enumerate(items, 1)]


def _line(number: int, line: str) -> dict[str, object]:
    try:
        return _object(json.loads(line), f"第{number}行")
    except RecursionError:
        raise InputError(f"第{number}行：JSON 嵌套过深") from None
    except ValueError as error:
        raise InputError(f"第{number}行不是有效的 JSON：{_where(error)}") from None


def _object(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise InputError(f'{where}应为 JSON 对象，如 {{"name": "…"}}')
    return value


def _text(source: str) -> str:
    try:
        if source == "-":
            content = sys.stdin.buffer.read(_MOST + 1)
        elif source.startswith("@"):
            with Path(source[1:]).open("rb") as file:
                content = file.read(_MOST + 1)
        else:
            return source
    except OSError as error:
        raise InputError(f"读不到 {source}：{reason_of(error)}") from None
    if len(content) > _MOST:
        raise InputError("输入超过 64 MB，请分次送入")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"输入不是 UTF-8（第{error.start}字节起）") from None


def _where(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"第{error.lineno}行第{error.colno}个字附近"
    return "数字过长"
