"""Django's sign-in and sign-out signals, passed on to the session services."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from governance.access.models import User
from governance.access.services.sessions import session_begin, session_end


@receiver(user_logged_in, dispatch_uid="access.session_begin")
def begin(request: HttpRequest, user: User, **_: Any) -> None:
    """Enter the new session; it needs a key first."""
    if not request.session.session_key:
        request.session.save()
    session_begin(user=user, session_key=str(request.session.session_key))


@receiver(user_logged_out, dispatch_uid="access.session_end")
def end(request: HttpRequest, **_: Any) -> None:
    """Forget the session."""
    if request.session.session_key:
        session_end(session_key=request.session.session_key)
