"""The hub's environment variables (环境变量), read strictly: a wrong value is named, never guessed."""

import fcntl
import math
import os
import secrets
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

_NO = frozenset({"false", "off", "no", "n", "0", ""})
_SCHEMES = ("sqlite:", "postgres:", "postgresql:")


class Environment(environ.Env):
    """Values of the environment; each reading raises ImproperlyConfigured, in Chinese, for what is none."""

    def get_value(self, var: str, cast: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Read one variable; numbers are not negative, and only words for yes or no are either."""
        try:
            value = super().get_value(var, cast, *args, **kwargs)
        except ValueError:
            raise _wrong(var, "应为数字") from None
        if cast in (int, float) and not 0 <= value < math.inf:
            raise _wrong(var, "不能是负数")
        if cast is bool and not value and self.ENVIRON.get(var, "").strip().lower() not in _NO:
            raise _wrong(var, "应为 true 或 false")
        return value

    def database(self, var: str, default: str) -> dict[str, Any]:
        """Read the address of a database of one of the two kinds that the hub works on."""
        address = self.str(var, default=default)
        try:
            if address.startswith(_SCHEMES):
                config: dict[str, Any] = self.db_url_config(address)
                return config
        except ValueError:  # as of a port that is no number
            pass
        raise _wrong(var, "应为 postgres://用户:密码@主机:端口/库名 或 sqlite:///文件")

    def folder(self, var: str, default: Path) -> Path:
        """Read a folder's path; it is there then."""
        path = Path(self.str(var, default=str(default)))
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _wrong(var, f"不能建立文件夹 {path}（{error.strerror}）") from None
        return path


def secret_kept(path: Path) -> str:
    """Give the secret that a file keeps; the first of several who ask at once makes it, at random."""
    secret = path.read_text() if path.exists() else ""
    if secret:
        return secret
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        secret = file.read()
        if not secret:
            secret = secrets.token_urlsafe(50)
            file.write(secret)
    return secret


def _wrong(var: str, reason: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"环境变量 {var} 有误：{reason}")
