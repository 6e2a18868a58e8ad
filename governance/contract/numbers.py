"""Numbers with check digits: citizen number 公民身份号码 and credit code 统一社会信用代码."""

import re
from datetime import date

from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

EARLIEST = date(1850, 1, 1)
"""Days before this are mistakes of the pen."""

_CITIZEN = re.compile(r"[1-9][0-9]{16}[0-9X]")
_CREDIT = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PLAIN = str.maketrans(
    "".join(chr(ord(sign) + 0xFEE0) for sign in _DIGITS + _DIGITS[10:].lower()) + "＋－—–−‐",
    _DIGITS + _DIGITS[10:] + "+-----",
)


def normalise(text: str) -> str:
    """Drop blanks and hyphens, make full-width characters plain and small letters large."""
    if text.isascii():
        return text.upper() if text.isalnum() else "".join(text.split()).replace("-", "").upper()
    return "".join(text.translate(_PLAIN).split()).replace("-", "").upper()


def citizen_problem(number: str) -> str | None:
    """Say in Chinese what is wrong with a citizen number (GB 11643-1999), or None.

    Area prefixes are not looked up: codes of the year of issue, such as 4227xx
    (宜昌地区), 429007 or 420521, stay valid for life.
    """
    if len(number) != 18:
        return f"应为18位，现为{len(number)}位"
    if not _CITIZEN.fullmatch(number):
        return "只能是数字，末位可为X"
    if citizen_birth_date(number) is None:
        return "第7至14位不是有效的出生日期"
    if mod_11_2.checksum(number) != 1:
        return "校验码不对，请核对是否抄错"
    return None


def citizen_birth_date(number: str) -> date | None:
    """Read the birth date (digits 7-14) of a citizen number; None if there is none."""
    digits = number[6:14]
    if not digits.isdigit():
        return None
    try:
        day = date.fromisoformat(digits)
    except ValueError:
        return None
    return day if day >= EARLIEST else None


def citizen_sex(number: str) -> str:
    """Read the sex code (GB/T 2261.1: 1 male, 2 female) from digit 17."""
    return "1" if int(number[16]) % 2 else "2"


def credit_problem(number: str) -> str | None:
    """Say in Chinese what is wrong with a credit code (GB 32100-2015), or None.

    The first two characters may be letters: N is the register of village collectives
    (农村集体经济组织), A and Y those of other authorities.
    """
    if len(number) != 18:
        return f"应为18位，现为{len(number)}位"
    if not _CREDIT.fullmatch(number):
        return "只能是数字和大写字母（不含I、O、S、V、Z），第3至8位是数字"
    if number[-1] != uscc.calc_check_digit(number[:-1]):
        return "校验码不对，请核对是否抄错"
    return None
