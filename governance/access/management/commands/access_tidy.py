"""Delete what has run out: sessions, request counters, counts of failed sign-ins."""

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from governance.access.models import AccountSession
from governance.access.services.throttle import throttle_sweep


class Command(BaseCommand):
    """``manage.py access_tidy``; run it once a day."""

    help = "清理过期的会话、限流计数和登录失败计数；建议每天运行一次"

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        call_command("clearsessions")
        now = timezone.now()
        old = now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
        sessions = AccountSession.objects.filter(began_at__lt=old).delete()[0]
        failures = AccessAttempt.objects.filter(attempt_time__lt=now - settings.AXES_COOLOFF_TIME).delete()[0]
        AccessLog.objects.filter(attempt_time__lt=now - timedelta(days=1)).delete()
        counters = throttle_sweep()
        self.stdout.write(f"已清理会话{sessions}个、限流计数{counters}个、登录失败计数{failures}个")
