"""The days on which work does not follow the week (节假日与调休)."""

from django.db import models


class SpecialDay(models.Model):
    """A public holiday, or a weekend day on which people work instead (节假日、调休上班日).

    ``changed_at`` lets each process see that the calendar changed.
    """

    class Source(models.TextChoices):
        """Who says so."""

        STATE = "state", "国务院放假安排"
        STAFF = "staff", "本市调整"

    day = models.DateField("日期", primary_key=True)
    working = models.BooleanField("上班", default=False, help_text="调休上班日打勾，放假不打勾")
    name = models.CharField("名称", max_length=50, help_text="例如“春节”“国庆节调休”")
    source = models.CharField("依据", max_length=5, choices=Source, default=Source.STAFF, editable=False)
    changed_at = models.DateTimeField("修改时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "工作日历"
        ordering = ("-day",)

    def __str__(self) -> str:
        return f"{self.day} {self.name}{'上班' if self.working else '放假'}"
