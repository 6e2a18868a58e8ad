"""Who signs in (账号), and the departments (部门) that some of them belong to."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class Department(models.Model):
    """A government department (部门); ``code`` equals the contract's Owner value where there is one."""

    code = models.CharField("代码", max_length=20, primary_key=True)
    name = models.CharField("名称", max_length=50, unique=True)
    position = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        verbose_name = "部门"
        verbose_name_plural = "部门"
        ordering = ("position", "code")

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """An account (账号) of a person; roles are its groups, see :mod:`governance.access.roles`.

    An account is never deleted but deactivated, so that the audit keeps pointing at someone.
    """

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField("姓名", max_length=50, blank=True)
    phone = models.CharField("联系电话", max_length=20, blank=True)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="users", verbose_name="部门"
    )
    must_change_password = models.BooleanField("下次登录须改密码", default=False)
    max_devices = models.PositiveSmallIntegerField("终端数上限", default=1)

    class Meta:
        verbose_name = "账号"
        verbose_name_plural = "账号"
        ordering = ("username",)

    def __str__(self) -> str:
        return f"{self.name}（{self.username}）" if self.name else self.username

    def get_full_name(self) -> str:
        """Give the name people read: 姓名, else the user name."""
        return self.name or self.username

    def get_short_name(self) -> str:
        """Give the same as :meth:`get_full_name`; Chinese names have no short form."""
        return self.get_full_name()

    def set_password(self, raw_password: str | None) -> None:
        """Set the password; whoever sets it for another person raises ``must_change_password`` after."""
        super().set_password(raw_password)
        self.must_change_password = False
