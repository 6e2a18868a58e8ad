"""The one filter: prefixes and grids."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.access.models import Post
from governance.access.scope import Scope, division_prefix


def test_prefixes_of_the_four_levels():
    found = [division_prefix("420502001001", level) for level in (2, 3, 4, 5)]
    assert found == ["4205", "420502", "420502001", "420502001001"]
    assert division_prefix("420500", 2) == "4205"


def test_what_lies_below_another_prefix_is_left_out():
    scope = Scope.of(["420502001001001", "420503001001001"], ["420502001", "420502", "420504"])
    assert scope == Scope(frozenset({"420503001001001"}), ("420502", "420504"))


def test_covers():
    scope = Scope(frozenset({"420503001001001"}), ("420502001",))
    assert scope.covers("420502001999001")
    assert scope.covers("420503001001001")
    assert not scope.covers("420502002001001")
    assert not scope.covers("420503001001002")
    assert scope.covers_prefix("420502001002")
    assert not scope.covers_prefix("420502")


def test_nothing_and_everything():
    assert Scope().empty
    assert not Scope().covers("420502001001001")
    assert Scope.everything().covers("420502001001001")
    assert not Scope.everything().empty


@pytest.mark.django_db
def test_an_empty_scope_finds_nothing_and_everything_finds_all(city):
    city.worker()
    assert not Post.objects.filter(Scope().q()).exists()
    assert Post.objects.filter(Scope.everything().q()).count() == 1


@pytest.mark.django_db
def test_a_prefix_is_answered_from_the_index(city, django_assert_num_queries):
    with django_assert_num_queries(1):
        plan = Post.objects.filter(Scope((), ("420502",)).q()).explain()
    assert "LIKE" not in plan.upper()


@pytest.mark.django_db
def test_the_filter_agrees_with_covers(city):
    user = city.account("anyone", "grid_worker")
    codes = [f"4205{c}{t}{v}{g}" for c in ("02", "09", "10") for t in ("009", "099", "100")
             for v in ("099", "100") for g in ("001", "999")]  # fmt: skip
    Post.objects.bulk_create(Post(worker=user, grid=code, starts_on="2020-01-01") for code in codes)

    @settings(deadline=None)
    @given(
        prefixes=st.lists(
            st.sampled_from(codes).flatmap(lambda c: st.sampled_from([c[:4], c[:6], c[:9], c[:12]]))
        ),
        grids=st.lists(st.sampled_from(codes)),
    )
    def agree(prefixes, grids):
        scope = Scope.of(grids, prefixes)
        found = set(Post.objects.filter(scope.q("grid")).values_list("grid", flat=True))
        assert found == {code for code in codes if scope.covers(code)}

    agree()
