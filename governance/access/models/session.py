"""Running console sessions of an account (会话), so that their number can be limited."""

from django.conf import settings
from django.db import models


class AccountSession(models.Model):
    """One signed-in browser of an account (会话)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="account_sessions", verbose_name="账号"
    )
    session_key = models.CharField("会话键", max_length=40, unique=True)
    began_at = models.DateTimeField("登录时间")

    class Meta:
        verbose_name = "会话"
        verbose_name_plural = "会话"
        ordering = ("began_at", "id")

    def __str__(self) -> str:
        return f"{self.user_id} {self.began_at:%Y-%m-%d %H:%M}"
