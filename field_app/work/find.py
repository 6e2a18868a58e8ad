"""查找: by name, pinyin initials (wxm), full pinyin, last four digits, address."""

from dataclasses import dataclass

from field_app.work.rows import Row


@dataclass(frozen=True, slots=True)
class Hit:
    """A record found; ``why`` says by what: 姓名, 拼音, 电话, 证件号码, 地址."""

    row: Row
    why: str


class Find:
    """Search over everything held; got as ``desk.find``. Answers in milliseconds: search as one types."""

    def search(self, text: str, *, kinds: tuple[str, ...] = (), limit: int = 50) -> tuple[Hit, ...]:
        """Best hits first: whole name, start of name, pinyin, number, address."""
        raise NotImplementedError
