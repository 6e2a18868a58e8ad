"""Whether anything of the product or its proofs has changed, in one word."""

import hashlib
from functools import cache

from tests.house.tree import ROOT

VAR = ROOT / "var" / "soak"
"""What one run leaves for the next."""

_FOLDERS = ("governance", "gridmap", "field_app", "fixtures", "tests")


@cache
def digest() -> str:
    """Give a word that is another one when a source file, a fixture or a library is another one."""
    whole = hashlib.sha256((ROOT / ".ci" / "requirements.lock").read_bytes())
    for folder in _FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".csv", ".json", ".sql") and path.is_file():
                whole.update(f"{path.relative_to(ROOT)}\n".encode())
                whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]
