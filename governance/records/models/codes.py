"""Code lists and switches, which an administrator edits and every tablet receives."""

from django.db import models

from governance.feed.columns import IdField


class CodeList(models.Model):
    """A code list (代码表) with its standard."""

    id = models.CharField("代码表", max_length=40, primary_key=True)
    uid = IdField("编号", unique=True)
    label = models.CharField("名称", max_length=100)
    standard = models.CharField("标准", max_length=100, blank=True, default="")
    confirmed = models.BooleanField("已由本市确认", default=False)
    version = models.BigIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "代码表"

    def __str__(self) -> str:
        return self.label


class Code(models.Model):
    """One code of a list; retired rather than deleted, as old records still hold it."""

    list = models.ForeignKey(CodeList, verbose_name="代码表", on_delete=models.PROTECT, related_name="codes")
    code = models.CharField("代码", max_length=20)
    label = models.CharField("名称", max_length=100)
    place = models.PositiveIntegerField("次序", default=0)
    retired = models.BooleanField("停用", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "代码"
        ordering = ["place", "code"]
        constraints = [models.UniqueConstraint(fields=["list", "code"], name="code_list_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


class Switch(models.Model):
    """A switched-off item that this city collects (采集项启用), with its legal basis."""

    field = models.CharField(
        "数据项", max_length=64, primary_key=True, help_text="种类.数据项，如 person.religion"
    )
    uid = IdField("编号", unique=True)
    on = models.BooleanField("启用", default=False)
    legal_basis = models.TextField("法律依据")
    version = models.BigIntegerField("版本", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "采集项启用"

    def __str__(self) -> str:
        return self.field
