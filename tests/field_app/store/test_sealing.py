"""Sealed bodies open only where they were sealed."""

import pytest

from field_app.store.errors import StoreError
from field_app.store.sealing import Sealer

KEY = bytes(range(32))


def test_a_body_comes_back_as_it_was() -> None:
    value = {"name": "王建国", "n": [1, 2.5, None, True]}
    assert Sealer(KEY).open("record", "a", Sealer(KEY).seal("record", "a", value)) == value


def test_sealing_twice_gives_different_bytes() -> None:
    assert Sealer(KEY).seal("record", "a", "x") != Sealer(KEY).seal("record", "a", "x")


@pytest.mark.parametrize(
    ("table", "id", "key"), [("draft", "a", KEY), ("record", "b", KEY), ("record", "a", b"k" * 32)]
)
def test_a_body_moved_elsewhere_does_not_open(table: str, id: str, key: bytes) -> None:
    body = Sealer(KEY).seal("record", "a", "秘密")
    with pytest.raises(StoreError, match="已损坏"):
        Sealer(key).open(table, id, body)


def test_an_altered_body_does_not_open() -> None:
    body = bytearray(Sealer(KEY).seal("record", "a", "秘密"))
    body[-1] ^= 1
    with pytest.raises(StoreError):
        Sealer(KEY).open("record", "a", bytes(body))
    with pytest.raises(StoreError):
        Sealer(KEY).open("record", "a", b"")
