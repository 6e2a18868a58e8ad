"""The console's pages of accounts, posts, devices and area rights: who opens them, what they call."""

import pytest
from django.test import Client
from django.urls import reverse

from governance.access.actor import HUB
from governance.access.models import Department, DivisionUserRight, GridGroupRight, Post, User
from governance.access.selectors import scope_of
from governance.access.services.accounts import (
    account_deactivate,
    account_rights_set,
    account_roles_set,
    own_rights,
)
from governance.access.services.areas import area_grant
from governance.access.services.devices import device_enrol
from governance.access.services.posts import post_assign
from governance.audit.models import AuditEntry
from gridmap.models import Grid
from tests.access.conftest import DAY, EAST, OTHER_COUNTY, PASSWORD, WEST
from tests.console.test_stale_form import Controls

PAGES = ("user", "post", "device", "department", "divisionuserright", "griduserright", "gridgroupright")


def page(model, what="changelist", *args):
    return reverse(f"admin:access_{model}_{what}", args=args)


def drawn(client, address):
    """Give what a browser would send of an account's form, left as it was drawn."""
    return Controls(client.get(address).content.decode(), "user_form").sent


@pytest.fixture
def browser(city):
    def make(role) -> Client:
        client = Client(REMOTE_ADDR="10.0.0.7")
        client.force_login(city.account(f"as_{role}", role), "django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def security(browser):
    return browser("security_admin")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "open_pages"),
    [
        ("security_admin", set(PAGES)),
        ("grid_leader", {"post", "device"}),
        ("community_staff", {"post"}),
        ("commander", {"post"}),
        ("system_admin", set()),
        ("audit_admin", set()),
        ("dispatcher", set()),
    ],
)
def test_who_opens_which_page(browser, role, open_pages):
    client = browser(role)
    assert {name for name in PAGES if client.get(page(name)).status_code == 200} == open_pages
    assert (client.get(page("user", "add")).status_code == 200) is (role == "security_admin")


@pytest.mark.django_db
def test_pages_are_chinese(security, city):
    city.worker()
    text = security.get(page("user")).content.decode()
    assert all(word in text for word in ("账号", "姓名", "角色", "网格员", "王小明"))


@pytest.mark.django_db
def test_an_account_is_made_by_the_service(security, city):
    fields = {"username": "staff", "name": "李芳", "phone": "", "roles": ["commander", "dispatcher"]}
    reply = security.post(page("user", "add"), {**fields, "password": "short"})
    assert "密码至少10位" in reply.content.decode()
    reply = security.post(
        page("user", "add"), {**fields, "roles": ["commander", "audit_admin"], "password": PASSWORD}
    )
    assert "三员分立" in reply.content.decode()
    assert not User.objects.filter(username="staff").exists()
    assert not AuditEntry.objects.filter(chain="user:staff").exists()

    assert security.post(page("user", "add"), {**fields, "password": PASSWORD}).status_code == 302
    user = User.objects.get(username="staff")
    assert user.check_password(PASSWORD)
    assert user.must_change_password
    assert set(user.groups.values_list("name", flat=True)) == {"commander", "dispatcher"}
    entry = AuditEntry.objects.get(chain="user:staff")
    assert (entry.action, entry.username, entry.address) == (
        "account.create",
        "as_security_admin",
        "10.0.0.7",
    )


@pytest.mark.django_db
def test_an_account_is_changed_by_the_services(security, city, care_rights):
    user = city.account("staff", "commander", name="李芳")
    url = page("user", "change", user.pk)
    assert "李芳" in security.get(url).content.decode()
    given = drawn(security, url) | {
        "name": "李方",
        "phone": "07171234567",
        "max_devices": 2,
        "roles": ["grid_leader"],
        "care": ["care_mental"],
    }
    del given["is_active"]
    assert security.post(url, given).status_code == 302
    actions = AuditEntry.objects.filter(chain="user:staff").order_by("seq").values_list("action", flat=True)
    assert list(actions)[1:] == ["account.update", "account.roles", "account.rights", "account.deactivate"]
    user.refresh_from_db()
    assert (user.name, user.max_devices, user.is_active) == ("李方", 2, False)
    given = drawn(security, url) | {"is_active": "on", "password": "Another-2026"}
    assert security.post(url, given).status_code == 302
    user.refresh_from_db()
    assert user.is_active
    assert user.check_password("Another-2026")
    assert security.post(url, given | {"roles": ["root"]}).status_code == 200
    assert security.get(page("user", "delete", user.pk)).status_code == 403


@pytest.mark.django_db
def test_an_open_form_takes_nothing_back_that_was_decided_meanwhile(security, city, care_rights):
    worker = city.account("anna", "grid_leader", name="王小明")
    address = page("user", "change", worker.pk)
    form = drawn(security, address)
    account_deactivate(actor=HUB, user=worker)
    account_roles_set(actor=HUB, user=worker, roles=["volunteer"])
    account_rights_set(actor=HUB, user=worker, kinds=["care_drug"])
    assert security.post(address, {**form, "phone": ["10003001111"]}).status_code == 302
    held = User.objects.get(pk=worker.pk)
    assert (held.phone, held.is_active) == ("10003001111", False)
    assert [group.name for group in held.groups.all()] == ["volunteer"]
    assert own_rights(held) == {"care_drug"}


@pytest.mark.django_db
def test_nobody_makes_himself_a_superuser_there(security, city):
    user = city.account("staff", "commander")
    fields = {"name": "x", "max_devices": 1, "roles": ["commander"], "is_active": "on", "is_superuser": "on"}
    security.post(page("user", "change", user.pk), fields)
    user.refresh_from_db()
    assert user.name == "x"
    assert not user.is_superuser


@pytest.mark.django_db
def test_posts_are_assigned_and_ended_by_the_service(security, city):
    worker = city.account("worker", "grid_worker", name="王小明")
    fields = {"worker": worker.pk, "grid": WEST, "kind": "main", "starts_on": "2026-01-01"}
    assert security.post(page("post", "add"), fields).status_code == 302
    post = Post.objects.get()
    again = security.post(page("post", "add"), {**fields, "starts_on": "2026-02-01"})
    assert "该网格已有主责网格员" in again.content.decode()
    stand_in = security.post(page("post", "add"), {**fields, "kind": "stand_in"})
    assert "已在网格" in stand_in.content.decode()
    elsewhere = security.post(page("post", "add"), {**fields, "grid": "4205"})
    assert "没有网格4205" in elsewhere.content.decode()

    url = page("post", "change", post.pk)
    assert security.get(url).status_code == 200
    assert "不能早于" in security.post(url, {"ends_on": "2025-12-31"}).content.decode()
    assert security.post(url, {"ends_on": "2026-03-31", "grid": EAST}).status_code == 302
    post.refresh_from_db()
    assert (post.grid, str(post.ends_on)) == (WEST, "2026-03-31")
    assert AuditEntry.objects.filter(chain="user:worker", action="post.end").count() == 1


@pytest.mark.django_db
def test_who_does_not_manage_accounts_sees_his_own_area(city, request_from):
    client = Client()
    leader = city.account("leader", "grid_leader")
    area_grant(actor=HUB, holder=leader, area=city.division("420502"))
    client.force_login(leader, "django.contrib.auth.backends.ModelBackend")
    city.worker("near-worker", WEST)
    city.worker("far-worker", OTHER_COUNTY)
    for name in ("near-worker", "far-worker"):
        device_enrol(request=request_from(), username=name, password=PASSWORD, name=f"平板{name}")
    for model in ("post", "device"):
        text = client.get(page(model)).content.decode()
        assert "near-worker" in text
        assert "far-worker" not in text
    post = Post.objects.get(worker__username="far-worker")
    assert client.get(page("post", "change", post.pk)).status_code == 302
    assert client.post(page("post", "add"), {}).status_code == 403


@pytest.mark.django_db
def test_a_device_is_revoked_by_the_action(security, city, request_from):
    worker = city.worker()
    device_enrol(request=request_from(), username="worker", password=PASSWORD, name="平板一")
    device = worker.devices.get()
    assert "平板一" in security.get(page("device", "change", device.pk)).content.decode()
    reply = security.post(
        page("device"), {"action": "retire", "_selected_action": [str(device.pk)]}, follow=True
    )
    assert "已停用1台终端" in reply.content.decode()
    device.refresh_from_db()
    assert device.revoked_at
    assert AuditEntry.objects.get(action="device.revoke").chain == "user:worker"
    for action, said in (("retire", "可补传的期限不变"), ("lose", "已挂失1台"), ("lose", "已经挂失")):
        again = {"action": action, "_selected_action": [str(device.pk)]}
        shown = security.post(page("device"), again, follow=True).content.decode()
        assert said in shown
        assert ("已停用1台" in shown, "已挂失0台" in shown, "已停用0台" in shown) == (False, False, False)
    assert AuditEntry.objects.filter(action="device.revoke").count() == 2


@pytest.mark.django_db
def test_area_rights_are_granted_and_taken_back(security, city):
    clerk = city.account("clerk", "intake_clerk")
    add = page("divisionuserright", "add")
    assert security.get(add).status_code == 200
    assert security.post(add, {"user": clerk.pk, "content_object": "420502"}).status_code == 302
    assert scope_of(clerk).prefixes == ("420502",)
    auditor = city.account("auditor", "audit_admin")
    refused = security.post(add, {"user": auditor.pk, "content_object": "420502"})
    assert "三员分立" in refused.content.decode()
    row = DivisionUserRight.objects.get()
    assert security.post(page("divisionuserright", "delete", row.pk), {"post": "yes"}).status_code == 302
    assert scope_of(clerk).empty
    group = city.group("intake_clerk")
    add = page("gridgroupright", "add")
    assert security.post(add, {"group": group.pk, "content_object": WEST}).status_code == 302
    many = {"action": "delete_selected", "_selected_action": [GridGroupRight.objects.get().pk], "post": "yes"}
    assert security.post(page("gridgroupright"), many).status_code == 302
    actions = (
        AuditEntry.objects.filter(action__startswith="area.").order_by("id").values_list("action", "chain")
    )
    assert list(actions) == [
        ("area.grant", "user:clerk"),
        ("area.revoke", "user:clerk"),
        ("area.grant", "user:@intake_clerk"),
        ("area.revoke", "user:@intake_clerk"),
    ]


@pytest.mark.django_db
def test_search_and_filters(security, city):
    city.worker("near", WEST)
    city.account("police1", "department", name="赵强", department=Department.objects.get(code="police"))
    for url, found, missing in (
        (page("user") + "?q=赵强", "police1", "near"),
        (page("user") + "?department__code__exact=police", "police1", "near"),
        (page("post") + f"?q={WEST[:9]}", "near", "police1"),
        (page("department") + "?q=公安", "公安局", "民政局"),
    ):
        table = security.get(url).content.decode().partition("<table")[2].partition("</table")[0]
        assert found in table
        assert missing not in table


@pytest.mark.django_db
def test_a_post_names_its_grid(security, city):
    city.grid(WEST)
    Grid.objects.filter(code=WEST).update(name="滨江第一网格")
    city.worker()
    post = Post.objects.get(grid=WEST)
    for url in (page("post"), page("post", "change", post.pk)):
        shown = security.get(url).content.decode()
        assert "滨江第一网格" in shown
        assert WEST not in shown
    assert 'name="grid"' in security.get(page("post", "add")).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("model", PAGES)
def test_lists_take_the_same_number_of_queries_however_long(
    security, city, model, django_assert_max_num_queries
):
    for number, grid in enumerate(city.grids):
        user = city.worker(f"worker{number}", grid)
        area_grant(actor=HUB, holder=user, area=city.grid(grid))
        area_grant(actor=HUB, holder=user, area=city.division(grid[:12]))
    post_assign(actor=HUB, worker=user, grid=EAST, kind="stand_in", starts_on=DAY)
    with django_assert_max_num_queries(16):
        security.get(page(model))
