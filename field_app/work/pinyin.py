"""Pinyin of names (拼音): initials and full spelling, all readings of a character.

Characters are looked up one by one: names need every reading (单 shan or dan) rather than the
phrases that pypinyin would load, which take ten times as long.
"""

import os
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import islice, product

_MOST = 16
_BETWEEN = frozenset(" ·.-\u3000")


@lru_cache(maxsize=20_000)
def spellings(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """Give the initials (``wxm``) and full spellings (``wangxiaoming``) of a name, small letters.

    Characters with several readings give several spellings, at most 16 of each.
    """
    chars = [char for char in name if char not in _BETWEEN]
    return _combined([_firsts(char) for char in chars]), _combined([_readings(char) for char in chars])


def _combined(choices: list[tuple[str, ...]]) -> frozenset[str]:
    return frozenset(map("".join, islice(product(*choices), _MOST)))


@lru_cache(maxsize=4000)
def initials(text: str) -> str:
    """Give the initials of a text by each character's commonest reading, small letters."""
    return "".join(_readings(char)[0][:1] for char in text if not char.isspace())


@lru_cache(maxsize=20_000)
def _readings(char: str) -> tuple[str, ...]:
    marked = _dictionary().get(ord(char))
    if marked is None:
        return (char.lower(),)
    plain = (_without_tone(reading) for reading in marked.split(","))
    return tuple(dict.fromkeys(plain))


@lru_cache(maxsize=20_000)
def _firsts(char: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reading[:1] for reading in _readings(char)))


@cache
def _dictionary() -> Mapping[int, str]:
    """Give the readings by code point; loaded when first needed, since most commands never search."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin.pinyin_dict import pinyin_dict  # noqa: PLC0415 - a tenth of a second, see above

    readings: Mapping[int, str] = pinyin_dict
    return readings


def _without_tone(reading: str) -> str:
    """Drop tone marks; ü becomes v as people type it."""
    letters = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    return "".join(letter for letter in letters if letter.isascii() and letter.isalpha())
