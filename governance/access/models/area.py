"""Rights on areas (区域授权): who serves a division or a grid beside the posts.

Direct foreign keys instead of generic ones, as guardian advises for speed. Rights are given on
divisions and grids only, never on persons.
"""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from gridmap.models import Division, Grid

SERVE = "serve_area"
"""Codename of the one right on an area, a permission of both models."""


class DivisionUserRight(UserObjectPermissionBase):
    """An account's right on a division and all below it (账号的区划授权)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="账号")
    content_object = models.ForeignKey(Division, models.CASCADE, verbose_name="区划")

    class Meta(UserObjectPermissionBase.Meta):
        verbose_name = "区划授权"
        verbose_name_plural = "区划授权"


class DivisionGroupRight(GroupObjectPermissionBase):
    """A group's right on a division and all below it (用户组的区划授权)."""

    group = models.ForeignKey(Group, models.CASCADE, verbose_name="用户组")
    content_object = models.ForeignKey(Division, models.CASCADE, verbose_name="区划")

    class Meta(GroupObjectPermissionBase.Meta):
        verbose_name = "用户组区划授权"
        verbose_name_plural = "用户组区划授权"


class GridUserRight(UserObjectPermissionBase):
    """An account's right on one grid (账号的网格授权)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="账号")
    content_object = models.ForeignKey(Grid, models.CASCADE, verbose_name="网格")

    class Meta(UserObjectPermissionBase.Meta):
        verbose_name = "网格授权"
        verbose_name_plural = "网格授权"


class GridGroupRight(GroupObjectPermissionBase):
    """A group's right on one grid (用户组的网格授权)."""

    group = models.ForeignKey(Group, models.CASCADE, verbose_name="用户组")
    content_object = models.ForeignKey(Grid, models.CASCADE, verbose_name="网格")

    class Meta(GroupObjectPermissionBase.Meta):
        verbose_name = "用户组网格授权"
        verbose_name_plural = "用户组网格授权"
