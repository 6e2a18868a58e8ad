"""What an account may do (权限) beyond opening one model's pages."""

from django.db import models

from governance.access.abilities import ABILITIES


class Ability(models.Model):
    """Carrier of the platform's own permissions ``access.<ability>``; it has no table of its own."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = tuple(ABILITIES.items())
        verbose_name = "平台权限"
        verbose_name_plural = "平台权限"

    def __str__(self) -> str:
        return str(self.pk)
