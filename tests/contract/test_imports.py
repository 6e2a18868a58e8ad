import json
import subprocess
import sys
from pathlib import Path

PROBE = """
import json, sys
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
import governance.contract, governance.contract.dictionary
new = {name: getattr(sys.modules[name], "__file__", None) or "" for name in set(sys.modules) - before}
packages = {name.partition(".")[0] for name, file in new.items() if "site-packages" in file}
rooms = {name.split(".")[1] for name in new if name.startswith("governance.")}
print(json.dumps([sorted(packages), sorted(rooms)]))
"""


def test_the_contract_needs_the_standard_library_and_stdnum_only(root: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-I", "-c", PROBE, str(root)], capture_output=True, text=True, check=True
    )
    assert json.loads(found.stdout) == [["stdnum"], ["contract"]]
