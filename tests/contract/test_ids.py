import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from governance.contract import uuid7


def test_ids_are_version_seven_and_rise() -> None:
    made = [uuid7() for _ in range(20_000)]
    assert all(one.version == 7 and one.variant == uuid.RFC_4122 for one in made[:100])
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_of_many_threads_differ() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = [one for part in pool.map(lambda _: [uuid7() for _ in range(500)], range(16)) for one in part]
    assert len(set(made)) == len(made)


def test_ids_rise_when_the_clock_falls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = uuid7()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert uuid7() > before
