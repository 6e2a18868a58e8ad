"""Two streets with a home each, and staff who serve the first one."""

from dataclasses import dataclass, field

import pytest
from django.core.cache import cache
from django.test import Client

from governance.access.actor import HUB
from governance.access.services.areas import area_grant
from governance.access.services.roles import roles_sync
from governance.records.models import model_of
from gridmap.models import Division
from tests import factories

STREET, FAR_STREET = "420502001", "420502002"
FAR = "420502002001001"
NUMBER, PHONE, NAME = "420502195801031212", "10002138000", "王示例"


@dataclass
class Town:
    """Ids of what stands in the first street, and in the other one (``far``)."""

    home: dict[str, str]
    person: str
    far_home: dict[str, str]
    far_person: str
    made: dict[str, Client] = field(default_factory=dict)

    def staff(self, role: str, area: str | None = STREET, purpose: str = "日常服务") -> Client:
        """Give the browser of an account with a role that serves an area, and chose a purpose."""
        name = f"{role}-{area}"
        if name not in self.made:
            user = factories.user(name, role)
            if area:
                area_grant(actor=HUB, holder=user, area=Division.objects.get(code=area))
            self.made[name] = Client()
            self.made[name].force_login(user, "django.contrib.auth.backends.ModelBackend")
            if purpose:
                self.made[name].post("/admin/purpose/", {"purpose": purpose})
        return self.made[name]

    def held(self, kind: str, record: str):
        """Give a record's row."""
        return model_of(kind).objects.get(pk=record)


@pytest.fixture
def town(db, settings) -> Town:
    cache.clear()
    factories.codes()
    roles_sync()
    factories.grid()
    factories.grid(factories.NEXT, 1)
    factories.grid(FAR, 3)
    near, far = factories.hub_in(factories.GRID), factories.hub_in(FAR)
    home = factories.home(near)
    far_home = factories.home(far, lon=factories.WEST + 0.035)
    person = factories.person(near, home["household"], citizen_number=NUMBER, phone=PHONE)
    far_person = factories.person(far, far_home["household"], name="赵远方")
    return Town(home, person, far_home, far_person)
