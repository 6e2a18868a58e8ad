"""Posts: days, one main worker a grid, who may assign."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.access.actor import HUB
from governance.access.errors import Forbidden, NotPossible
from governance.access.models import Post
from governance.access.selectors import actor_for_user, posts_active, scope_of
from governance.access.services.accounts import account_deactivate
from governance.access.services.handover import posts_close
from governance.access.services.posts import post_assign, post_end
from governance.access.services.roles import roles_sync
from governance.audit.models import AuditEntry
from tests.access.conftest import DAY, EAST, WEST, grid_make

JUNE = datetime.date(2026, 6, 1)
LAST_OF_MAY = datetime.date(2026, 5, 31)


@pytest.mark.django_db
def test_both_days_belong_to_the_post(city):
    worker = city.worker(ends_on=JUNE)
    for day, there in ((DAY - datetime.timedelta(days=1), False), (DAY, True), (JUNE, True)):
        assert posts_active(day).filter(worker=worker).exists() is there
    assert not posts_active(JUNE + datetime.timedelta(days=1)).exists()


@pytest.mark.django_db
def test_days_are_days_in_shanghai(city, monkeypatch):
    city.worker(ends_on=LAST_OF_MAY)
    moments = {"2026-05-31T15:59:59+00:00": True, "2026-05-31T16:00:00+00:00": False}
    for text, there in moments.items():
        now = datetime.datetime.fromisoformat(text)
        monkeypatch.setattr("django.utils.timezone.now", lambda now=now: now)
        assert posts_active().exists() is there


@pytest.mark.django_db
def test_a_worker_serves_the_grids_of_todays_posts_only(city):
    worker = city.worker()
    post_assign(actor=HUB, worker=worker, grid=EAST, kind="stand_in", starts_on=DAY, ends_on=LAST_OF_MAY)
    assert scope_of(worker).grids == {WEST}
    assert not scope_of(worker).prefixes


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("starts", "ends"), [(DAY, None), (JUNE, None), (DAY, JUNE), (datetime.date(2019, 1, 1), DAY)]
)
def test_a_grid_has_one_main_worker_a_day(city, starts, ends):
    city.worker()
    other = city.account("other", "grid_worker")
    with pytest.raises(NotPossible, match="王小明"):
        post_assign(actor=HUB, worker=other, grid=WEST, starts_on=starts, ends_on=ends)
    stand_in = post_assign(
        actor=HUB, worker=other, grid=WEST, kind="stand_in", starts_on=starts, ends_on=ends
    )
    assert stand_in.pk


@pytest.mark.django_db
def test_a_successor_begins_the_day_after(city):
    worker = city.worker()
    post_end(actor=HUB, post=worker.posts.get(), ends_on=LAST_OF_MAY)
    other = city.account("other", "grid_worker")
    post_assign(actor=HUB, worker=other, grid=WEST, starts_on=JUNE)
    with pytest.raises(NotPossible, match="主责"):
        post_end(actor=HUB, post=worker.posts.get(), ends_on=JUNE)


@pytest.mark.django_db
def test_nobody_has_two_posts_at_a_grid_at_once(city):
    with pytest.raises(NotPossible, match="已在网格"):
        post_assign(actor=HUB, worker=city.worker(), grid=WEST, kind="stand_in", starts_on=JUNE)


@pytest.mark.django_db
def test_the_database_refuses_a_second_open_main_post_and_an_end_before_the_start(city):
    worker = city.worker()
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(worker=worker, grid=WEST, starts_on=JUNE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(worker=worker, grid=EAST, starts_on=JUNE, ends_on=DAY)


@pytest.mark.django_db
def test_what_cannot_be_is_refused_in_words(city):
    worker = city.worker()
    with pytest.raises(NotPossible, match="没有网格420599999999999"):
        post_assign(actor=HUB, worker=worker, grid="420599999999999", starts_on=DAY)
    with pytest.raises(NotPossible, match="不能早于"):
        post_assign(actor=HUB, worker=worker, grid=EAST, starts_on=JUNE, ends_on=LAST_OF_MAY)
    with pytest.raises(ValidationError, match="kind"):
        post_assign(actor=HUB, worker=worker, grid=EAST, kind="boss", starts_on=DAY)
    with pytest.raises(NotPossible, match="不能早于"):
        post_end(actor=HUB, post=worker.posts.get(), ends_on=datetime.date(2019, 1, 1))
    closed = grid_make("420502001001003")
    closed.valid_to = JUNE
    closed.save()
    with pytest.raises(NotPossible, match="已撤销"):
        post_assign(actor=HUB, worker=worker, grid=closed.code, starts_on=DAY)
    account_deactivate(actor=HUB, user=worker)
    worker.refresh_from_db()
    with pytest.raises(NotPossible, match="停用"):
        post_assign(actor=HUB, worker=worker, grid=EAST, starts_on=DAY)


@pytest.mark.django_db
def test_only_who_manages_accounts_assigns(city):
    roles_sync()
    worker = city.worker()
    leader = actor_for_user(city.account("leader", "grid_leader"))
    with pytest.raises(Forbidden):
        post_assign(actor=leader, worker=worker, grid=EAST, starts_on=DAY)
    with pytest.raises(Forbidden):
        post_end(actor=leader, post=worker.posts.get(), ends_on=JUNE)
    security = actor_for_user(city.account("security", "security_admin"))
    assert post_assign(actor=security, worker=worker, grid=EAST, starts_on=DAY).pk


@pytest.mark.django_db
def test_of_a_closed_grid_no_post_is_left_to_begin(city):
    """Tomorrow's worker would be given a grid for a day that holds nothing any more."""
    today = timezone.localdate()
    tomorrow = today + datetime.timedelta(days=1)
    city.worker(ends_on=today)
    held = post_assign(
        actor=HUB, worker=city.account("now", "grid_worker"), grid=WEST, kind="stand_in", starts_on=DAY
    )
    post_assign(actor=HUB, worker=city.account("next", "grid_worker"), grid=WEST, starts_on=tomorrow)
    assert posts_close(grid=WEST) == 2
    held.refresh_from_db()
    assert held.ends_on == today
    assert not posts_active(tomorrow).filter(grid=WEST).exists()
    assert AuditEntry.objects.filter(chain="user:next", action="post.end").count() == 1
