"""Console sessions (会话): at most so many an account; the oldest gives way."""

from importlib import import_module

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from governance.access.models import AccountSession, User


@transaction.atomic
def session_begin(*, user: User, session_key: str) -> int:
    """Enter a new session and end the account's oldest ones beyond ``SESSIONS_PER_ACCOUNT``.

    Returns
    -------
    int
        How many were ended.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    AccountSession.objects.update_or_create(
        session_key=session_key, defaults={"user": user, "began_at": timezone.now()}
    )
    running = (
        AccountSession.objects.filter(user=user).exclude(session_key=session_key).order_by("-began_at", "-id")
    )
    return _end(list(running)[settings.SESSIONS_PER_ACCOUNT - 1 :])


def session_end(*, session_key: str) -> None:
    """Forget a session that the account itself ended."""
    AccountSession.objects.filter(session_key=session_key).delete()


def sessions_end(*, user: User) -> int:
    """End all sessions of an account, as when it is deactivated, and give their number."""
    return _end(list(AccountSession.objects.filter(user=user)))


def _end(sessions: list[AccountSession]) -> int:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for session in sessions:
        store(session.session_key).delete()
        session.delete()
    return len(sessions)
