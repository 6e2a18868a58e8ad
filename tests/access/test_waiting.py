"""Services that change the same accounts at once wait for each other, and in no circle."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial

import pytest
import shapely
from django.db import connection, transaction

from governance.access.actor import HUB
from governance.access.errors import CredentialsWrong
from governance.access.models import Device, Post
from governance.access.services import handover
from governance.access.services.accounts import account_deactivate, account_rights_set
from governance.access.services.devices import device_enrol, device_revoke
from governance.audit.models import AuditHead
from gridmap.services import Part, grid_split
from tests import factories
from tests.access.conftest import PASSWORD
from tests.waiting import closing, waits

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def chain_held(username: str) -> Iterator[None]:
    """Keep everybody else from the account's audit chain."""
    AuditHead.objects.get_or_create(chain=f"user:{username}", defaults={"hash": "0" * 64})
    with transaction.atomic():
        AuditHead.objects.select_for_update().get(chain=f"user:{username}")
        yield


def side_by_side(username: str, jobs: Sequence[Callable[[], object]]) -> None:
    """Run jobs that all end in the account's audit chain, each as soon as the one before it waits."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        running = []
        with chain_held(username):
            for job in jobs:
                running.append(pool.submit(closing, job))
                waits(len(running))
        for each in running:
            each.result()


def quarter(grid: str, west: float) -> None:
    """Split a grid of the town into halves."""
    middle, east = west + 0.005, west + 0.01
    south, north = factories.SOUTH, factories.NORTH
    sides = shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)
    grid_split(code=grid, parts=[Part(side, 150) for side in sides])


if connection.vendor == "postgresql":  # SQLite's writers come one by one

    def test_a_tablet_is_put_out_of_use_while_another_takes_its_place(city, request_from) -> None:
        city.worker()

        def enrol() -> None:
            device_enrol(request=request_from("10.0.0.7"), username="worker", password=PASSWORD, name="平板")

        enrol()
        first = Device.objects.get()
        side_by_side("worker", [enrol, lambda: device_revoke(actor=HUB, device=first)])
        assert list(Device.objects.filter(revoked_at=None).exclude(pk=first.pk)) == [
            Device.objects.exclude(pk=first.pk).get()
        ]
        assert Device.objects.get(pk=first.pk).revoked_at

    def test_an_account_is_changed_on_one_page_while_its_tablet_is_enrolled(
        city, care_rights, request_from
    ) -> None:
        user = city.worker()

        @transaction.atomic
        def page() -> None:
            account_rights_set(actor=HUB, user=user, kinds={"care_hardship"})
            account_deactivate(actor=HUB, user=user)

        def enrol() -> None:
            with suppress(CredentialsWrong):
                device_enrol(
                    request=request_from("10.0.0.7"), username="worker", password=PASSWORD, name="平板"
                )

        side_by_side("worker", [page, enrol])
        assert not Device.objects.filter(revoked_at=None).exists()

    @pytest.mark.parametrize("service", [handover.posts_follow, handover.posts_close])
    def test_two_who_stand_in_for_each_other_lose_both_grids_at_once(
        service: Callable[..., int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each grid's posts are told of in one transaction; here one tells while the other has begun to."""
        factories.town()
        factories.worker("li", factories.GRID)
        factories.worker("wang", factories.NEXT, factories.GRID)
        Post.objects.create(
            worker=Post.objects.get(worker__username="li").worker,
            grid=factories.NEXT,
            kind="stand_in",
            starts_on=factories.date(2026, 1, 1),
        )
        quarter(factories.GRID, factories.WEST)
        quarter(factories.NEXT, factories.EAST)
        begun, known = threading.Barrier(2), handover.tell

        def tell(*args: object, **detail: object) -> None:
            known(*args, **detail)  # type: ignore[arg-type]
            with suppress(threading.BrokenBarrierError):
                begun.wait(1.0)

        monkeypatch.setattr(handover, "tell", tell)
        grids = (factories.GRID, factories.NEXT)
        keys = [{"grids": [grid]} if service is handover.posts_follow else {"grid": grid} for grid in grids]
        with ThreadPoolExecutor(2) as pool:
            running = [pool.submit(closing, partial(service, **key)) for key in keys]
        for each in running:
            each.result()
