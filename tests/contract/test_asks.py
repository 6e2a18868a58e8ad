"""What a task needs done: read, written, held against what is there."""

from governance.contract import KINDS, CodeBook, Kind
from governance.contract.asks import (
    asks_odd,
    asks_problems,
    asks_read,
    asks_targets,
    asks_write,
    fields_missing,
)
from governance.contract.kind import Values

TASK: dict[str, object] = {"subject_kind": "person", "subject": "p", "household": "h"}


def reasons(text: str, book: CodeBook, subject_kind: str | None = "person") -> list[str]:
    return [each.reason for each in asks_problems(text, KINDS, book, subject_kind=subject_kind)]


def test_asks_are_read_once_each_and_written_as_they_were() -> None:
    text = "person.phone doc:02 photo signature"
    assert asks_write(asks_read(f"{text}  photo")) == text
    assert asks_read(None) == ()
    assert asks_write(()) is None


def test_what_is_no_ask_is_named() -> None:
    assert asks_odd("photo doc: person. 照片 person.phone") == ["doc:", "person.", "照片"]


def test_what_is_written_down_is_held_against_the_contract(book: CodeBook) -> None:
    assert reasons("person.phone household.kind doc:02 photo", book) == []
    assert len(reasons("person.nothing dragon.fire doc:00 room.number", book)) == 4
    assert reasons("person.duplicate", book) == ["办理要求：“疑似重复”不由网格员登记"]
    assert reasons("person.religion", book) == ["办理要求：“宗教信仰”不由网格员登记"]
    assert len(reasons("person.phone", book, subject_kind=None)) == 1


def test_a_field_is_missing_only_where_its_record_is_held_without_it() -> None:
    held: dict[tuple[str, str], dict[str, object]] = {("person", "p"): {}, ("household", "h"): {"kind": "1"}}

    def lookup(kind: str, id_: str) -> tuple[Kind, Values] | None:
        values = held.get((kind, id_))
        return None if values is None else (KINDS[kind], values)

    task = {**TASK, "asks": "person.phone household.kind photo"}
    assert list(asks_targets(task)) == [("person", "p"), ("household", "h")]
    (problem,) = fields_missing(task, lookup)
    assert (problem.field, problem.code) == ("asks", "required")
    assert "联系方式" in problem.reason
    held["person", "p"] = {"phone": "10002345678"}
    assert fields_missing(task, lookup) == []
    held.clear()
    assert fields_missing(task, lookup) == []
