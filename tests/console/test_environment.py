"""What ``manage.py`` says of an environment that cannot be."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from governance.config.environment import secret_kept

ROOT = Path(__file__).resolve().parents[2]


def _check(folder: Path, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    given = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment = given | {"VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "governance.config.settings"}
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    return subprocess.run(
        command, env=environment | variables, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "示例"),
        ("DATABASE_URL", "mysql://hub@127.0.0.1/hub"),
        ("DATABASE_URL", "postgres://hub@127.0.0.1:x/hub"),
        ("SECURE", "ture"),
        ("HUB_THREADS", "两个"),
        ("DEVICE_GRACE_DAYS", "-1"),
        ("VAR_DIR", "/dev/null/var"),
    ],
)
def test_a_variable_that_is_none_is_named_without_a_stack_trace(
    tmp_path: Path, variable: str, value: str
) -> None:
    done = _check(tmp_path, "check", **{variable: value})
    assert done.returncode == 1
    assert done.stderr.startswith(f"配置有误：环境变量 {variable} 有误：")
    assert len(done.stderr.splitlines()) == 1


def test_a_database_that_does_not_answer_is_told_without_a_stack_trace(tmp_path: Path) -> None:
    done = _check(tmp_path, "migrate", DATABASE_URL="postgres://hub@127.0.0.1:1/hub")
    assert done.returncode == 1
    assert done.stderr.startswith("数据库不能用")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("prepare", ["0", "1"])
def test_what_the_address_of_a_database_says_besides_counts(tmp_path: Path, prepare: str) -> None:
    address = "postgres://hub@127.0.0.1:1/hub?sslmode=wrong"
    done = _check(tmp_path, "migrate", DATABASE_URL=address, DATABASE_PREPARE=prepare)
    assert "sslmode" in done.stderr


def test_words_for_yes_and_no_and_an_empty_environment_are_taken(tmp_path: Path) -> None:
    assert _check(tmp_path, "check", DEBUG="off", SECURE="True").returncode == 0


def test_those_who_start_at_once_keep_one_secret(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    path.touch()  # as a power cut may leave it
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: secret_kept(path), range(64)))
    assert secrets == {path.read_text()}
    assert len(path.read_text()) > 50
    assert secret_kept(tmp_path / "another") != path.read_text()
    assert (tmp_path / "another").stat().st_mode & 0o077 == 0
