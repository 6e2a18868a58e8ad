"""查找: by name, pinyin initials (wxm), full pinyin, last four digits, address."""

from collections.abc import Iterator
from dataclasses import dataclass

from field_app.store.store import Store
from field_app.work.index import Found, Index
from field_app.work.labels import Labels
from field_app.work.rows import Row

_KINDS = {"person": 0, "household": 1, "organisation": 2, "room": 3, "building": 4}
_LAST = 4


@dataclass(frozen=True, slots=True)
class Hit:
    """A record found; ``why`` says by what: 姓名, 拼音, 电话, 证件号码, 地址."""

    row: Row
    why: str


class Find:
    """Search over everything held; got as ``desk.find``. Answers in milliseconds: search as one types."""

    def __init__(self, store: Store, labels: Labels) -> None:
        self._store = store
        self._labels = labels
        self._index: Index | None = None

    def prepare(self) -> None:
        """Build the index, so that the first search answers as fast as the others."""
        if self._index is None:
            self._index = Index(self._store, self._labels)

    def search(self, text: str, *, kinds: tuple[str, ...] = (), limit: int = 50) -> tuple[Hit, ...]:
        """Best hits first: whole name, start of name, pinyin, number, address.

        Several words must all be found, such as ``王 3栋``.
        """
        words = text.lower().split()
        if not words:
            return ()
        with self._store.lock:
            ranked = []
            for found in self._items():
                if kinds and found.view.kind not in kinds:
                    continue
                matches = [match for word in words if (match := _match(found, word)) is not None]
                if len(matches) == len(words):
                    rank, why = min(matches)
                    order = _KINDS.get(found.view.kind, 9)
                    ranked.append((found.closed, rank, order, found.view.id, why, found))
            ranked.sort(key=lambda item: item[:4])
            return tuple(Hit(self._labels.row(item[5].view), item[4]) for item in ranked[:limit])

    def _items(self) -> Iterator[Found]:
        if self._index is None:
            self._index = Index(self._store, self._labels)
        return self._index.items()


def _match(found: Found, word: str) -> tuple[int, str] | None:
    """Say how well a word fits (less is better) and by what; None when it does not."""
    return _by_name(found, word) or _by_number(found, word) or _by_address(found, word)


def _by_name(found: Found, word: str) -> tuple[int, str] | None:
    if word in found.names:
        return 0, "姓名"
    if any(name.startswith(word) for name in found.names):
        return 1, "姓名"
    if not (word.isascii() and word.isalpha()):
        return (5, "姓名") if any(word in name for name in found.names) else None
    if word in found.initials or word in found.full:
        return 2, "拼音"
    if any(first.startswith(word) for first in found.initials):
        return 3, "拼音"
    if any(whole.startswith(word) for whole in found.full):
        return 4, "拼音"
    return (5, "姓名") if any(word in name for name in found.names) else None


def _by_number(found: Found, word: str) -> tuple[int, str] | None:
    digits = word.removesuffix("x")
    if len(word) < _LAST or not digits.isdecimal():
        return None
    for values, why in ((found.phones, "电话"), (found.numbers, "证件号码")):
        if any(value.endswith(word) or (len(word) > _LAST and word in value) for value in values):
            return 3, why
    return None


def _by_address(found: Found, word: str) -> tuple[int, str] | None:
    return (6, "地址") if word in found.address else None
