"""Console sessions: idle, absolute, so many at once; lock-out; the password to be changed first."""

from datetime import timedelta

import pytest
from django.conf import settings as hub
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from governance.access import middleware
from governance.access.address import address_of
from governance.access.models import AccountSession, Throttle
from governance.audit.models import AuditEntry
from tests.access.conftest import PASSWORD


@pytest.fixture
def index(db):
    return reverse("admin:index")


def signed_in(client, index) -> bool:
    return client.get(index).status_code == 200


def sign_in(username="staff", password=PASSWORD, **extra):
    client = Client(**extra)
    client.post(reverse("admin:login"), {"username": username, "password": password})
    return client


@pytest.fixture
def clock(monkeypatch):
    now = [1_800_000_000]
    monkeypatch.setattr(middleware.time, "time", lambda: now[0])
    return now


@pytest.mark.django_db
def test_half_an_hour_idle_ends_a_session(city, index, clock):
    city.account("staff", "commander")
    client = sign_in()
    for seconds, there in ((0, True), (1799, True), (1799, True), (1801, False), (0, False)):
        clock[0] += seconds
        assert signed_in(client, index) is there


@pytest.mark.django_db
def test_ten_hours_end_it_however_busy(city, index, clock):
    city.account("staff", "commander")
    client = sign_in()
    for _ in range(40):
        assert signed_in(client, index)
        clock[0] += 900
    assert signed_in(client, index)
    clock[0] += 1
    assert not signed_in(client, index)
    assert not AccountSession.objects.exists()


@pytest.mark.django_db
def test_the_last_use_is_written_at_most_once_a_minute(city, index, clock):
    city.account("staff", "commander")
    client = sign_in()
    signed_in(client, index)
    begun = clock[0]
    for seconds, seen in ((59, begun), (1, begun + 60)):
        clock[0] += seconds
        signed_in(client, index)
        assert client.session[middleware.SEEN] == seen


@pytest.mark.django_db
def test_the_oldest_session_gives_way(city, index):
    city.account("staff", "commander")
    city.account("other", "commander")
    other = sign_in("other")
    browsers = [sign_in() for _ in range(hub.SESSIONS_PER_ACCOUNT + 1)]
    assert [signed_in(browser, index) for browser in browsers] == [False, True, True]
    assert signed_in(other, index)
    browsers[1].post(reverse("admin:logout"))
    assert AccountSession.objects.filter(user__username="staff").count() == 1
    sign_in()
    assert signed_in(browsers[2], index)


@pytest.mark.django_db
def test_five_failures_lock_the_sign_in_page_in_chinese(city, index):
    city.account("staff", "commander")
    for _ in range(5):
        client = sign_in(password="wrong", REMOTE_ADDR="10.0.0.7")
    reply = client.post(
        reverse("admin:login"), {"username": "staff", "password": PASSWORD}, REMOTE_ADDR="10.0.0.7"
    )
    assert reply.status_code == 429
    assert reply["Retry-After"] == "900"
    assert "15分钟后再试" in reply.content.decode()
    assert signed_in(sign_in(REMOTE_ADDR="10.0.0.8"), index)


@pytest.mark.django_db
def test_a_password_given_by_another_is_changed_first(city, index):
    city.account("staff", "commander", must_change_password=True)
    client = sign_in()
    change = reverse("admin:password_change")
    assert client.get(index).url == change
    assert client.get(change).status_code == 200
    new = "My-own-2026"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post(change, fields).status_code == 302
    assert signed_in(client, index)
    assert signed_in(sign_in(password=new), index)
    assert AuditEntry.objects.get(action="account.own_password").username == "staff"


@pytest.mark.django_db
def test_what_has_run_out_is_deleted(city, index, clock, capsys):
    user = city.account("staff", "commander")
    old = timezone.now() - timedelta(hours=11)
    AccountSession.objects.create(user=user, session_key="gone", began_at=old)
    Throttle.objects.create(key="old", began=clock[0] - 2 * 86400, hits=1)
    client = sign_in()
    call_command("access_tidy")
    assert "会话1个、限流计数1个" in capsys.readouterr().out
    assert signed_in(client, index)


@pytest.mark.django_db
def test_a_grid_worker_does_not_open_the_console(city, index):
    city.worker()
    assert not signed_in(sign_in("worker"), index)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "1.1.1.1", "10.0.0.7"),
        (1, "9.9.9.9, 1.1.1.1", "1.1.1.1"),
        (2, "9.9.9.9, 1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (2, "1.1.1.1", "10.0.0.7"),
        (1, "", "10.0.0.7"),
        (1, "9.9.9.9, 1.1.1.1:53211", "1.1.1.1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "[2001:DB8::1]:53211", "2001:db8::1"),
        (1, "[2001:db8::1]", "2001:db8::1"),
        (1, "1.1.1.1, unknown", "10.0.0.7"),
        (1, "fe80::1%eth0", "fe80::1"),
    ],
)
def test_the_address_is_what_a_client_cannot_invent(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.7", HTTP_X_FORWARDED_FOR=forwarded)
    assert address_of(request) == address
