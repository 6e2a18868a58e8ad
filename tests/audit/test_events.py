"""Sign-ins and changes of accounts leave their entries."""

import pytest
from django.contrib.auth import authenticate
from django.test import Client, RequestFactory

from governance.access.actor import HUB
from governance.access.models import Department
from governance.access.services.accounts import (
    account_create,
    account_deactivate,
    account_password_set,
    account_roles_set,
)
from governance.audit.models import AuditEntry
from governance.audit.verify import chain_walk

PASSWORD = "Yichang-2026"


@pytest.fixture
def user(db):
    return account_create(
        actor=HUB, username="staff", password=PASSWORD, roles=["commander"], must_change_password=False
    )


def told(chain="user:staff"):
    assert chain_walk(chain).broken is None
    return list(
        AuditEntry.objects.filter(chain=chain).order_by("seq").values_list("action", "username", "address")
    )


@pytest.mark.django_db
def test_accounts(user):
    account_roles_set(actor=HUB, user=user, roles=["dispatcher"])
    account_password_set(actor=HUB, user=user, password="Another-2026")
    account_deactivate(actor=HUB, user=user)
    actions = ["account.create", "account.roles", "account.password", "account.deactivate"]
    assert told() == [(action, "hub", "") for action in actions]
    roles = AuditEntry.objects.get(action="account.roles").detail
    assert roles == {"account": "staff", "before": ["commander"], "after": ["dispatcher"]}
    assert not AuditEntry.objects.filter(detail__icontains="2026").exists()


@pytest.mark.django_db
def test_sign_in_and_out(user):
    browser = Client(REMOTE_ADDR="10.0.0.7")
    request = RequestFactory().post("/", REMOTE_ADDR="10.0.0.7")
    assert browser.login(request=request, username="staff", password=PASSWORD)
    browser.logout()
    assert [action for action, _, _ in told()] == ["account.create", "session.login", "session.logout"]


@pytest.mark.django_db
def test_failures_and_the_lock(user):
    for _ in range(5):
        request = RequestFactory().post("/", REMOTE_ADDR="10.0.0.7")
        assert authenticate(request, username="staff", password="wrong") is None
    found = told()[1:]
    assert found.count(("session.fail", "staff", "10.0.0.7")) == 5
    assert found.count(("session.lock", "staff", "10.0.0.7")) == 1


@pytest.mark.django_db
def test_a_name_that_no_account_has_makes_no_chain_of_its_own(user):
    for name in ("nobody", "nobody2"):
        authenticate(RequestFactory().post("/"), username=name, password="x")
    assert [row[:2] for row in told("user:?")] == [("session.fail", "nobody"), ("session.fail", "nobody2")]
    assert not AuditEntry.objects.filter(chain__startswith="user:nobody").exists()


@pytest.mark.django_db
def test_what_is_refused_leaves_no_entry(user):
    with pytest.raises(Exception, match="部门"):
        account_create(actor=HUB, username="x", password=PASSWORD, roles=["department"])
    assert not Department.objects.exists()
    assert [action for action, _, _ in told()] == ["account.create"]
