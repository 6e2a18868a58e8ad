"""The actor behind a console request."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from governance.access.abilities import ABILITIES
from governance.access.actor import CARE_KINDS
from governance.access.requests import actor_of


@pytest.fixture
def request_of():
    def make(user):
        request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.7")
        request.user = user
        return request

    return make


def test_a_stranger_sees_and_does_nothing(request_of):
    actor = actor_of(request_of(AnonymousUser()))
    assert actor.scope.empty
    assert not any(actor.can(name) for name in ABILITIES)
    assert not any(actor.may_read(kind) or actor.may_write(kind) for kind in ("person", "visit", *CARE_KINDS))
    assert not actor.may_write("building")


@pytest.mark.django_db
def test_the_actor_is_found_once_a_request(city, request_of, django_assert_num_queries):
    staff, other = city.account("staff", "commander"), city.account("other", "dispatcher")
    request = request_of(staff)
    with django_assert_num_queries(1):
        assert actor_of(request, "地图").purpose == "地图"
        assert actor_of(request, "统计").purpose == "统计"
    assert (actor_of(request).username, actor_of(request).address) == ("staff", "10.0.0.7")
    request.user = other
    assert actor_of(request).username == "other"
