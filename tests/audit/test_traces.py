"""A person's own traces: what was read or changed of him, alone, in a batch or with his whole grid."""

import datetime
from uuid import uuid4

import pytest
from django.utils import timezone

from governance.audit.models import AuditEntry
from governance.audit.selectors import areas_around, traces_of
from governance.audit.services import audit_append
from governance.contract import CITY

GRID, ELSEWHERE = "420502001001001", "420502001002001"


@pytest.fixture
def person(db, actor):
    """Leave traces of one person among others."""
    someone, other = uuid4(), uuid4()
    entries = {
        "read": {"kind": "person", "subject": someone, "scope": GRID, "chain": GRID},
        "read_other": {"kind": "person", "subject": other, "scope": GRID, "chain": GRID},
        "push": {"kind": "person", "subjects": [uuid4(), someone], "scope": GRID, "chain": GRID},
        "push_other": {"kind": "person", "subjects": [uuid4(), other], "scope": GRID, "chain": GRID},
        "first_load": {"scope": GRID, "count": 900, "chain": GRID},
        "first_load_elsewhere": {"scope": ELSEWHERE, "count": 900, "chain": ELSEWHERE},
        "export_town": {"kind": "person", "scope": "420502001", "count": 9000, "chain": CITY},
        "export_city": {"kind": "person", "scope": CITY, "count": 9000, "chain": CITY},
        "export_buildings": {"kind": "building", "scope": GRID, "count": 90, "chain": GRID},
    }
    for action, more in entries.items():
        audit_append(actor=actor, action=action, **more)
    return someone


@pytest.mark.django_db
def test_all_that_concerns_the_person_and_nothing_else(person):
    found = [entry.action for entry in traces_of(person, grids=[GRID])]
    assert found == ["read", "push", "first_load", "export_town", "export_city"]


@pytest.mark.django_db
def test_without_grids_only_what_names_the_person(person):
    assert {entry.action for entry in traces_of(person)} == {"read", "push"}


@pytest.mark.django_db
def test_within_a_time(person):
    begun = AuditEntry.objects.get(action="push").at
    assert [e.action for e in traces_of(person, until=begun)] == ["read"]
    assert [e.action for e in traces_of(person, since=begun)] == ["push"]
    assert not traces_of(person, since=timezone.now() + datetime.timedelta(seconds=1))


@pytest.mark.django_db
def test_one_query(person, django_assert_num_queries):
    with django_assert_num_queries(1):
        list(traces_of(person, grids=[GRID, ELSEWHERE]))


def test_areas_around_a_grid():
    assert areas_around([GRID]) == {
        GRID, "420502001001", "420502001", "420502001000", "420502", "420502000000", CITY,
    }  # fmt: skip
