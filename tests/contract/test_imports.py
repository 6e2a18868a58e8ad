import re
import subprocess
import sys
from pathlib import Path

PROBE = """
import sys
sys.path.insert(0, sys.argv[1])
import governance.contract, governance.contract.dictionary
files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
outside = {name.partition(".")[0] for name, file in files.items() if "site-packages" in file}
rooms = {name.split(".")[1] for name in files if name.startswith("governance.")}
print(sorted(outside), sorted(rooms))
"""


def test_the_contract_needs_the_standard_library_and_stdnum_only(root: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-I", "-c", PROBE, str(root)], capture_output=True, text=True, check=True
    )
    outside, rooms = found.stdout.strip().removesuffix("]").split("] ")
    assert set(re.findall(r"\w+", outside)) <= {"stdnum", "_virtualenv"}
    assert rooms == "['contract'"
