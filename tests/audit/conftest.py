"""An actor whose deeds are entered."""

import pytest

from governance.access.actor import Actor
from governance.access.scope import Scope


@pytest.fixture
def actor() -> Actor:
    return Actor(
        user_id=7,
        username="wangxm",
        device_id=None,
        source="worker",
        scope=Scope(frozenset({"420502001001001"}), ()),
        rights=frozenset(),
        purpose="入户走访",
        address="10.0.0.7",
    )
