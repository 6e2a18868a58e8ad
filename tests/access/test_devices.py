"""Tablets: enrolment, authentication, revocation."""

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from governance.access.actor import HUB
from governance.access.errors import (
    CredentialsWrong,
    DeviceLimit,
    DeviceRetired,
    Forbidden,
    Throttled,
    TokenUnknown,
)
from governance.access.models import Device, User
from governance.access.models.device import Revocation
from governance.access.selectors import actor_for_user, devices_of
from governance.access.services import devices
from governance.access.services.accounts import account_deactivate
from governance.access.services.areas import area_grant
from governance.access.services.devices import device_authenticate, device_enrol, device_revoke
from governance.access.services.posts import post_assign
from governance.audit.models import AuditEntry
from governance.contract import KINDS
from tests.access.conftest import DAY, EAST, PASSWORD, WEST

NEXT_YEAR = timezone.localdate() + datetime.timedelta(days=365)


def held(token: str) -> Device:
    return Device.objects.select_related("worker").get(pk=device_authenticate(token)[0])


@pytest.fixture
def enrol(request_from):
    def make(username="worker", password=PASSWORD, name="平板一", address="10.0.0.7"):
        return device_enrol(request=request_from(address), username=username, password=password, name=name)

    return make


@pytest.mark.django_db
def test_a_tablet_learns_its_token_grids_and_kinds(city, care_rights, enrol):
    worker = city.worker()
    post_assign(actor=HUB, worker=worker, grid=EAST, kind="stand_in", starts_on=DAY, ends_on=NEXT_YEAR)
    done = enrol()
    assert (done.username, done.name) == ("worker", "王小明")
    assert [(g.code, g.name, g.post, g.until) for g in done.grids] == [
        (WEST, "网格001", "main", None),
        (EAST, "网格002", "stand_in", NEXT_YEAR),
    ]
    assert "person" in done.kinds
    assert set(done.kinds) <= KINDS.keys()
    device = Device.objects.get()
    assert device.id == done.device
    assert device.id.version == 7
    assert done.token not in str(vars(device))
    assert len(done.token) >= 43


@pytest.mark.django_db
def test_a_device_acts_with_its_workers_posts_and_not_with_his_other_areas(city, enrol):
    worker = city.worker()
    area_grant(actor=HUB, holder=worker, area=city.division("420502"))
    actor = device_authenticate(enrol().token, purpose="入户走访", address="10.0.0.7")[1]
    assert (actor.scope.grids, actor.scope.prefixes) == ({WEST}, ())
    assert (actor.user_id, actor.source, actor.purpose) == (worker.pk, "worker", "入户走访")
    assert not actor.read_only


@pytest.mark.django_db
def test_authentication_and_actor_take_one_query(city, enrol, django_assert_num_queries):
    city.worker()
    token = enrol().token
    device_authenticate(token)
    with django_assert_num_queries(1):
        device_authenticate(token)


@pytest.mark.django_db
def test_the_actor_for_an_account_takes_one_query(city, django_assert_num_queries):
    user = city.account("staff", "community_staff")
    area_grant(actor=HUB, holder=user, area=city.division("420502001"))
    with django_assert_num_queries(1):
        assert actor_for_user(user).scope.prefixes == ("420502001",)


@pytest.mark.django_db
def test_last_contact_is_written_at_most_once_a_minute(city, enrol, monkeypatch):
    city.worker()
    token = enrol().token
    device_authenticate(token)
    first = Device.objects.get().last_seen_at
    for seconds, fresh in ((59, False), (61, True)):
        now = first + datetime.timedelta(seconds=seconds)
        monkeypatch.setattr("django.utils.timezone.now", lambda now=now: now)
        device_authenticate(token)
        assert (Device.objects.get().last_seen_at == now) is fresh


@pytest.mark.django_db
def test_one_active_tablet_a_worker_unless_allowed_more(city, enrol):
    worker = city.worker()
    first = enrol()
    device_authenticate(first.token)
    with pytest.raises(DeviceLimit, match="1台") as refused:
        enrol()
    assert (refused.value.status, refused.value.code) == (409, "device_limit")
    worker.max_devices = 2
    worker.save()
    second = enrol(name="平板二")
    assert device_authenticate(first.token)[0] != device_authenticate(second.token)[0]
    device_revoke(actor=HUB, device=held(first.token))
    assert enrol(name="平板三").device
    assert devices_of(worker).count() == 3


@pytest.mark.django_db
def test_a_tablet_the_hub_never_heard_from_makes_room(city, enrol):
    """The answer to its enrolment was lost; should it be there after all, what it collected is not."""
    worker = city.worker()
    lost = enrol(name="平板一")
    kept = enrol(name="平板二")
    assert device_authenticate(kept.token)[0] == kept.device
    assert Device.objects.get(pk=lost.device).revoked_as == Revocation.RETIRED
    assert device_authenticate(lost.token, handing_in=True)[1].hands_in
    with pytest.raises(DeviceRetired):
        device_authenticate(lost.token)
    with pytest.raises(DeviceLimit):
        enrol()
    told = AuditEntry.objects.filter(action="device.revoke").values_list("detail", flat=True)
    assert [detail["device"] for detail in told] == [str(lost.device)]
    assert devices_of(worker).count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_simultaneous_enrolments_one_wins(city, enrol):
    city.worker()

    def try_one(number):
        try:
            return enrol(name=f"平板{number}").token
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(try_one, range(4)))) == 4
    assert Device.objects.filter(revoked_at=None).count() == 1


@pytest.mark.django_db
def test_a_revoked_token_is_void_at_once(city, enrol):
    worker = city.worker()
    token = enrol().token
    device = held(token)
    with pytest.raises(Forbidden):
        device_revoke(actor=actor_for_user(city.account("leader", "grid_leader")), device=device)
    device_revoke(actor=actor_for_user(worker), device=device)
    with pytest.raises(TokenUnknown, match="停用"):
        device_authenticate(token)
    at = device_revoke(actor=HUB, device=device).revoked_at
    assert device_revoke(actor=HUB, device=device).revoked_at == at


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "nonsense", "令牌", "\ud800", "x\x00y"])
def test_a_strange_token_is_unknown(db, token):
    with pytest.raises(TokenUnknown):
        device_authenticate(token)


@pytest.mark.django_db
def test_an_account_out_of_use_has_no_devices(city, enrol):
    worker = city.worker()
    token = enrol().token
    User.objects.update(is_active=False)
    with pytest.raises(TokenUnknown):
        device_authenticate(token)
    User.objects.update(is_active=True)
    assert device_authenticate(token)
    account_deactivate(actor=HUB, user=worker)
    User.objects.update(is_active=True)
    with pytest.raises(TokenUnknown):
        device_authenticate(token)
    User.objects.update(is_active=False)
    with pytest.raises(CredentialsWrong):
        enrol()


@pytest.mark.django_db
def test_an_account_put_out_of_use_while_a_tablet_enrols_has_none_afterwards(city, enrol, monkeypatch):
    worker = city.worker()
    known = devices.authenticate

    def checked(request, **credentials):
        user = known(request, **credentials)
        account_deactivate(actor=HUB, user=worker)
        return user

    monkeypatch.setattr(devices, "authenticate", checked)
    with pytest.raises(CredentialsWrong):
        enrol()
    assert not Device.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("username", "password"), [("worker", "wrong"), ("nobody", PASSWORD), ("w\x00", ""), ("\ud800", "x")]
)
def test_wrong_credentials_are_refused_alike(city, enrol, username, password):
    city.worker()
    with pytest.raises(CredentialsWrong) as refused:
        enrol(username, password)
    assert refused.value.status == 401
    assert refused.value.reason == "用户名或密码不正确，或账号已停用"


@pytest.mark.django_db
def test_no_post_no_tablet(city, enrol):
    city.worker(ends_on=DAY)
    with pytest.raises(Forbidden, match="没有在岗"):
        enrol()
    assert not Device.objects.exists()


@pytest.mark.django_db
def test_five_failures_lock_the_name_at_that_address(city, enrol):
    city.worker()
    for _ in range(4):
        with pytest.raises(CredentialsWrong):
            enrol(password="wrong")
    with pytest.raises(Throttled) as refused:
        enrol(password="wrong")
    assert (refused.value.status, refused.value.wait) == (429, 900)
    with pytest.raises(Throttled):
        enrol()
    assert enrol(address="10.0.0.8").token


@pytest.mark.django_db
def test_success_forgets_the_failures(city, enrol):
    city.worker(username="worker")
    for attempt in ("wrong", "wrong", "wrong", PASSWORD, "wrong", "wrong"):
        try:
            device_revoke(actor=HUB, device=held(enrol(password=attempt).token))
        except CredentialsWrong:
            assert attempt == "wrong"
    assert enrol().token


@pytest.mark.django_db
@pytest.mark.usefixtures("one_minute")
def test_too_many_tries_from_one_address_wait(city, enrol, settings):
    settings.ENROL_PER_MINUTE = 2
    for name in ("a", "b"):
        with pytest.raises(CredentialsWrong):
            enrol(name)
    with pytest.raises(Throttled, match="频繁") as refused:
        enrol("c")
    assert 1 <= refused.value.wait <= 60
    with pytest.raises(CredentialsWrong):
        enrol("c", address="10.0.0.8")
