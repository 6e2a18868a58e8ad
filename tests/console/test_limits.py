"""What a web process keeps of the memory that a large reply took."""

import ctypes
import subprocess
import sys

import pytest

from governance.config.limits import memory_keep

_FAULTS = """
import resource
from governance.config.limits import memory_keep
{keep}
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    b"x" * (8 << 20)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
faults()
print(faults())
"""


def _faults_of_a_second_reply(keep: str) -> int:
    command = [sys.executable, "-c", _FAULTS.format(keep=keep)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def test_a_large_replys_memory_is_not_asked_for_anew() -> None:
    pages = (8 << 20) // 4096
    assert _faults_of_a_second_reply("") > pages / 2
    assert _faults_of_a_second_reply("memory_keep()") < pages / 10


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    memory_keep()
