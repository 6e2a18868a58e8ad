"""Turn one offered JSON value into the value stored, or say in Chinese why not."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

from governance.contract.codes import CodeBook
from governance.contract.fields import Field, Type
from governance.contract.numbers import EARLIEST, citizen_problem, credit_problem, normalise

Parser = Callable[[object, CodeBook], object]
"""Gives the stored form of a value that is neither null nor the empty string."""

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_UNSEEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_PHONE = re.compile(r"\+?[0-9]{5,20}")
_AREA = re.compile(r"[1-9][0-9]{5}")
_GRID = re.compile(r"[0-9]{15}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LARGEST = 2**53
_LATEST_YEAR = 2999
_LONGEST_NUMBER = 40


class BadValue(ValueError):  # noqa: N818
    """A value that cannot be taken: ``args`` are a problem code and a Chinese reason."""


def shown(text: str) -> str:
    """Give the beginning of offered text for use in a reason: short, storable, printable."""
    short = text[:20]
    return short if short.isprintable() else "".join(c if c.isprintable() else "�" for c in short)


def _text(field: Field) -> Parser:
    most = _LARGEST if field.length is None else field.length
    multiline = field.multiline

    def parse(value: object, _: CodeBook) -> object:
        if not isinstance(value, str):
            raise BadValue("type", "应为文字")
        text = value.strip()
        if not text.isprintable():
            text = _cleaned(text, multiline)
        if len(text) > most:
            raise BadValue("length", f"最多{most}个字，现有{len(text)}个")
        return text or None

    return parse


def _cleaned(text: str, multiline: bool) -> str:
    """Drop what nobody sees (zero-width and direction marks); refuse control characters."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n")).strip()
    if _CONTROL.search(text):
        raise BadValue("control", "含有不可见的控制字符")
    if not multiline and "\n" in text:
        raise BadValue("control", "不能换行")
    return text


def _code(field: Field) -> Parser:
    name = field.codes or ""

    def parse(value: object, book: CodeBook) -> object:
        if not isinstance(value, str):
            raise BadValue("type", "应为代码文字")
        items = book.get(name)
        item = None if items is None else items.get(value)
        if item is None:
            raise BadValue("code", f"代码“{shown(value)}”不在代码表中")
        if item.retired:
            raise BadValue("code", f"代码“{value}”（{item.label}）已停用")
        return value

    return parse


def _codes(field: Field) -> Parser:
    one = _code(field)

    def parse(value: object, book: CodeBook) -> object:
        if not isinstance(value, list):
            raise BadValue("type", "应为代码数组")
        return sorted({str(one(item, book)) for item in value}) or None

    return parse


def _date(field: Field) -> Parser:
    def parse(value: object, _: CodeBook) -> object:
        if not isinstance(value, str):
            raise BadValue("type", "应为日期，如 2026-01-31")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise BadValue("date", f"没有“{shown(value)}”这一天，应写作 2026-01-31") from None
        if value[4:5] != "-" or value[7:8] != "-":  # 20260131 and 2026-W05-6 are dates of ISO 8601 too
            raise BadValue("date", "应写作 2026-01-31 的形式")
        if day < EARLIEST:
            raise BadValue("date", "日期过早")
        return value

    return parse


def _moment(field: Field) -> Parser:
    def parse(value: object, _: CodeBook) -> object:
        return moment(value)

    return parse


def moment(value: object) -> str:
    """Normalise an RFC 3339 time with offset to UTC, whole seconds, ending in Z.

    Raises
    ------
    BadValue
        If it is no time, has no offset, or lies before 1850 or after 2999.
    """
    if not isinstance(value, str) or len(value) > _LONGEST_NUMBER:
        raise BadValue("type", "应为时间，如 2026-01-31T08:00:00Z")
    try:
        time = datetime.fromisoformat(value)
        utc = time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadValue("date", f"“{shown(value)}”不是有效的时间") from None
    if time.tzinfo is None:
        raise BadValue("date", "时间缺少时区")
    if not EARLIEST.year <= utc.year <= _LATEST_YEAR:
        raise BadValue("date", "时间过早或过晚")
    return utc.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _number(field: Field) -> Parser:
    whole = field.type is Type.INTEGER
    low = 0.0 if field.minimum is None else field.minimum
    high = float(_LARGEST) if field.maximum is None else field.maximum

    def parse(value: object, _: CodeBook) -> object:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise BadValue("type", "应为数字")
        if not low <= value <= high:
            raise BadValue("range", f"应在{low:.16g}到{high:.16g}之间")
        if whole and value != int(value):
            raise BadValue("type", "应为整数")
        return int(value) if whole else float(value)

    return parse


def _degrees(limit: float) -> Callable[[Field], Parser]:
    def make(field: Field) -> Parser:
        def parse(value: object, _: CodeBook) -> object:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise BadValue("type", "应为数字")
            if not -limit <= value <= limit:
                raise BadValue("range", f"应在±{limit:g}度之间")
            return round(float(value), 7)

        return parse

    return make


def _flag(field: Field) -> Parser:
    def parse(value: object, _: CodeBook) -> object:
        if not isinstance(value, bool):
            raise BadValue("type", "应为是或否")
        return value

    return parse


def _ref(field: Field) -> Parser:
    def parse(value: object, _: CodeBook) -> object:
        if not isinstance(value, str) or not _UUID.fullmatch(value):
            raise BadValue("type", "不是有效的编号")
        return value.lower()

    return parse


def _files(field: Field) -> Parser:
    most = _LARGEST if field.maximum is None else int(field.maximum)
    one = _ref(field)

    def parse(value: object, book: CodeBook) -> object:
        if not isinstance(value, list):
            raise BadValue("type", "应为文件编号数组")
        if len(value) > most:
            raise BadValue("length", f"最多{most}{field.unit}，现有{len(value)}{field.unit}")
        return list(dict.fromkeys(one(item, book) for item in value)) or None

    return parse


def _plain(value: object) -> str:
    if not isinstance(value, str):
        raise BadValue("type", "应为文字")
    if len(value) > _LONGEST_NUMBER:
        raise BadValue("length", f"最多{_LONGEST_NUMBER}个字，现有{len(value)}个")
    return normalise(value)


def _checked(problem: Callable[[str], str | None]) -> Callable[[Field], Parser]:
    def make(field: Field) -> Parser:
        def parse(value: object, _: CodeBook) -> object:
            number = _plain(value)
            reason = problem(number) if number else None
            if reason:
                raise BadValue("check", reason)
            return number or None

        return parse

    return make


def _pattern(pattern: re.Pattern[str], reason: str) -> Callable[[Field], Parser]:
    fits = pattern.fullmatch

    def make(field: Field) -> Parser:
        def parse(value: object, _: CodeBook) -> object:
            if isinstance(value, str) and fits(value):
                return value  # most are written as they are stored
            text = _plain(value)
            if text and not fits(text):
                raise BadValue("format", reason)
            return text or None

        return parse

    return make


_MAKERS: dict[Type, Callable[[Field], Parser]] = {
    Type.TEXT: _text,
    Type.CODE: _code,
    Type.CODES: _codes,
    Type.DATE: _date,
    Type.MOMENT: _moment,
    Type.INTEGER: _number,
    Type.NUMBER: _number,
    Type.FLAG: _flag,
    Type.REF: _ref,
    Type.CITIZEN: _checked(citizen_problem),
    Type.CREDIT: _checked(credit_problem),
    Type.PHONE: _pattern(_PHONE, "应为5至20位数字"),
    Type.AREA: _pattern(_AREA, "应为6位行政区划代码"),
    Type.GRID: _pattern(_GRID, "应为15位网格编码"),
    Type.LON: _degrees(180.0),
    Type.LAT: _degrees(90.0),
    Type.FILES: _files,
}


def parser_of(field: Field) -> Parser:
    """Make the parser of a field; keep it where it is used often (``Kind.steps``)."""
    return _MAKERS[field.type](field)


def parse(field: Field, value: object, book: CodeBook) -> object:
    """Give the stored form of an offered value; null and blank text give None.

    Raises
    ------
    BadValue
        With the problem code and a Chinese reason.
    """
    return None if value is None or value == "" else parser_of(field)(value, book)
