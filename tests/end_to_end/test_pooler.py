"""A hub behind a pooler that shares connections, where no statement stays prepared, answers as any other."""

import json
from pathlib import Path

import pytest

from tests.hub_process import Hub, prepared_hub

pytestmark = [pytest.mark.long, pytest.mark.database]

_WALK = """
import json
from governance.access.actor import HUB
from governance.access.models import Department
from governance.publish.services import agreement_save, key_issue
from tests import factories
from tests.publish.conftest import fetch
from tests.sync.tablet import Tablet, offer
factories.codes()
factories.grid()
factories.device(factories.worker())
home = factories.home(factories.hub_in())["household"]
civil = Department.objects.get(pk="civil")
agreement_save(actor=HUB, department=civil, kind="person", fields=["name"], area=factories.GRID, purpose="x")
key = key_issue(actor=HUB, department=civil)[1]
tablet = Tablet()
(made,) = tablet.push(offer("person", household=home, name="王示例", residence_kind="1", verification="3"))
whole = tablet.snapshot()
print(json.dumps({
    "made": made["status"],
    "whole": [line["record"]["name"] for line in whole if line.get("kind") == "person"],
    "pulled": [item["record"]["name"] for item in tablet.pull() if item["kind"] == "person"],
    "department": [item["record"]["name"] for item in fetch(key).json()["changes"]],
}))
"""


class Pooled(Hub):
    """A hub whose address of the database is a pooler's."""

    @property
    def environment(self) -> dict[str, str]:
        """Say so."""
        return super().environment | {"DATABASE_PREPARE": "0"}


def test_it_takes_and_gives_what_others_do(tmp_path: Path) -> None:
    with prepared_hub(tmp_path) as hub:
        said = Pooled(hub.home, hub.database).manage("shell", "-v0", "-c", _WALK)
    assert json.loads(said) == {
        "made": "created", "whole": ["王示例"], "pulled": ["王示例"], "department": ["王示例"],
    }  # fmt: skip
