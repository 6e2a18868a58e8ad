"""Delete what has run out: sessions and request counters; django-axes sweeps its own counts."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from governance.access.models import AccountSession
from governance.access.services.throttle import throttle_sweep


class Command(BaseCommand):
    """``manage.py access_tidy``; run it once a day."""

    help = "清理过期的会话和限流计数；建议每天运行一次"

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        call_command("clearsessions")
        old = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
        sessions = AccountSession.objects.filter(began_at__lt=old).delete()[0]
        self.stdout.write(f"已清理会话{sessions}个、限流计数{throttle_sweep()}个")
