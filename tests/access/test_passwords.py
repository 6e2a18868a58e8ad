"""What a password must look like."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from governance.access.actor import HUB
from governance.access.models import AccountSession, User
from governance.access.selectors import actor_for_user
from governance.access.services.accounts import account_activate, account_deactivate, account_password_set
from governance.access.validators import classes
from tests.access.conftest import PASSWORD


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Ab1-xyz", "至少10位，现有7位"),
        ("abcdefgh1234", "至少3种"),
        ("ABCDEFGHIJKL", "至少3种"),
        ("Wangxm-2026", "不得包含用户名"),
        ("WANGXM-2026x", "不得包含用户名"),
        ("", "至少10位"),
        ("Yichang\t2026x", "控制字符"),
    ],
)
def test_a_weak_password_is_refused_in_chinese(password, reason):
    with pytest.raises(ValidationError, match=reason):
        validate_password(password, User(username="wangxm"))


@pytest.mark.parametrize("password", ["Yichang-2026", "西陵街道-Grid1", "aaaaBBBB11", "  pass WORD "])
def test_a_strong_one_is_taken(password):
    validate_password(password, User(username="wangxm"))


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("a", 1), ("aB", 2), ("aB1", 3), ("aB1-", 4), ("网 格", 1)]
)
def test_classes_of_characters(text, count):
    assert classes(text) == count


@pytest.mark.django_db
def test_a_password_set_by_another_must_be_changed(city):
    user = city.account("staff", "community_staff")
    AccountSession.objects.create(user=user, session_key="k", began_at=user.date_joined)
    account_password_set(actor=HUB, user=user, password="Another-2026")
    user.refresh_from_db()
    assert user.must_change_password
    assert not user.account_sessions.exists()
    user.set_password("My-own-2026")
    assert not user.must_change_password
    with pytest.raises(ValidationError, match="至少"):
        account_password_set(actor=HUB, user=user, password="short")


@pytest.mark.django_db
def test_out_of_use_and_back(city):
    user = city.account("staff", "community_staff")
    security = city.account("security", "security_admin")
    account_deactivate(actor=actor_for_user(security), user=user)
    assert not User.objects.get(username="staff").is_active
    account_activate(actor=actor_for_user(security), user=user)
    assert User.objects.get(username="staff").check_password(PASSWORD)
