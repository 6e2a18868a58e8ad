"""The intake of alarms under ``/api/v1/alarms``."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from governance.access.address import address_of
from governance.access.errors import Throttled
from governance.access.services.throttle import throttle_hit
from governance.records.outside import SCHEME, KeyUnknown, Missing, OutsideView, body_of, key_given
from governance.tasks.alarms.keys import actor_for_source, alarm_key_authenticate
from governance.tasks.alarms.reading import MEMBERS, report_read
from governance.tasks.alarms.selectors import alarm_shown
from governance.tasks.alarms.services import alarm_take
from governance.tasks.models import Alarm, AlarmKey


class SourceAuthentication(BaseAuthentication):
    """``Authorization: Key <key>``; the source is the user."""

    def authenticate(self, request: Request) -> tuple[Any, AlarmKey]:
        """Find the key; who tries many wrong ones from one address is made to wait.

        Raises
        ------
        KeyUnknown, Throttled
        """
        try:
            key = alarm_key_authenticate(key_given(request))
        except KeyUnknown:
            limit = settings.ALARM_WRONG_KEYS_PER_MINUTE
            wait = throttle_hit(key=f"alarm-key:{address_of(request)}", limit=limit, seconds=60)
            if wait:
                raise Throttled("密钥有误的请求过于频繁，请稍后再试", wait=wait) from None
            raise
        return key.source, key

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme."""
        return SCHEME


class HasAlarmKey(BasePermission):
    """Only sources with a key."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether a key was found."""
        return isinstance(request.auth, AlarmKey)


class SourceThrottle(BaseThrottle):
    """So many requests a minute of one source, counted exactly over all processes."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count one.

        Raises
        ------
        Throttled
            Beyond the source's limit, with the seconds to wait.
        """
        key: Any = request.auth
        source = key.source
        wait = throttle_hit(key=f"alarm:{source.pk}", limit=source.per_minute, seconds=60)
        if wait:
            raise Throttled("请求过于频繁，请稍后再试", wait=wait)
        return True


class AlarmsView(OutsideView):
    """``POST`` takes an alarm in; ``GET ?id=`` says what became of it."""

    authentication_classes = (SourceAuthentication,)
    permission_classes = (HasAlarmKey,)
    throttle_classes = (SourceThrottle,)

    def post(self, request: Request) -> Response:
        """Take it in: 201 for a new one, 200 for one that came before."""
        key: Any = request.auth
        report = report_read(body_of(request, MEMBERS))
        actor = actor_for_source(key.source, address_of(request))
        alarm, new = alarm_take(actor=actor, source=key.source, report=report, day=timezone.localdate())
        return Response(alarm_shown(alarm), status=201 if new else 200)

    def get(self, request: Request) -> Response:
        """Say what became of one."""
        key: Any = request.auth
        alarm = Alarm.objects.filter(source=key.source, number=request.query_params.get("id", "")).first()
        if alarm is None:
            raise Missing("没有收到过这个编号的告警")
        return Response(alarm_shown(alarm))
