"""A tablet of the demonstration: the real client, run as its own process from its command line."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

from governance.console.demo.steps import StepError


class Tablet:
    """One data folder and the PIN that opens it."""

    def __init__(self, folder: Path, pin: str) -> None:
        self.folder = folder
        self._environment = {**os.environ, "FIELD_APP_PIN": pin}

    def run(self, *arguments: str, given: str = "", password: str = "", fails: bool = False) -> list[Any]:
        """Run one command of the tablet and give the JSON documents it printed.

        Raises
        ------
        StepError
            With the tablet's own words, when it did not end as expected.
        """
        command = [sys.executable, "-m", "field_app", "--data", str(self.folder), *arguments]
        done = subprocess.run(
            command,
            cwd=settings.ROOT,
            env={**self._environment, "FIELD_APP_PASSWORD": password},
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if (done.returncode != 0) is not fails:
            raise StepError(
                f"field_app {arguments[0]}: 退出码 exit {done.returncode}: {done.stderr.strip()[-400:]}"
            )
        return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]

    def one(self, *arguments: str, **options: Any) -> Any:
        """Do as :meth:`run` for a command that prints one document."""
        documents = self.run(*arguments, **options)
        if len(documents) != 1:
            raise StepError(f"field_app {arguments[0]}: {len(documents)} documents instead of one")
        return documents[0]
