"""Divisions and grids, their former states and successors, and the map's stamp."""

import uuid

from django.db import models
from django.db.models import F, Q

GRID_NAMESPACE = uuid.UUID("5b3c1a0e-7d52-5f6e-9c41-420500000000")
"""Namespace of the grids' UUIDs (version 5 of the grid code)."""


def grid_uid(code: str) -> uuid.UUID:
    """Give the UUID that belongs to a grid code, for ever."""
    return uuid.uuid5(GRID_NAMESPACE, code)


class Level(models.IntegerChoices):
    """How deep a division lies (GB/T 2260, GB/T 10114, 统计用区划代码)."""

    CITY = 2, "地级市"
    COUNTY = 3, "县级"
    TOWN = 4, "乡级"
    COMMUNITY = 5, "村级"


class GridKind(models.TextChoices):
    """What a grid is made for: 基础网格 in town or country, or 专属网格 (school, market, park)."""

    URBAN = "urban", "城镇基础网格"
    RURAL = "rural", "农村基础网格"
    SPECIAL = "special", "专属网格"


class SuccessionCause(models.TextChoices):
    """Why a grid gave way to others."""

    SPLIT = "split", "拆分"
    MERGE = "merge", "合并"
    REDRAW = "redraw", "重划"


class Division(models.Model):
    """A division (行政区划). Codes have 6 digits for city and county, 9 for town, 12 for community.

    ``outline`` is the WKB of a polygon in EPSG:4490, kept for city and counties only; it may be rough.
    """

    code = models.CharField("区划代码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=60)
    level = models.PositiveSmallIntegerField("层级", choices=Level.choices)
    parent = models.ForeignKey(
        "self", verbose_name="上级", on_delete=models.PROTECT, related_name="children", null=True, blank=True
    )
    outline = models.BinaryField("轮廓", null=True, blank=True)

    class Meta:
        verbose_name = "行政区划"
        verbose_name_plural = "行政区划"
        ordering = ["code"]
        permissions = [("serve_area", "在该辖区工作")]
        constraints = [
            models.CheckConstraint(condition=Q(level__in=Level.values), name="gridmap_division_level"),
            models.CheckConstraint(
                condition=Q(level=Level.CITY, parent=None) | Q(level__gt=Level.CITY, parent__isnull=False),
                name="gridmap_division_parent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"


class GridState(models.Model):
    """What may change of a grid while it keeps its code.

    ``polygon`` is WKB in EPSG:4490. The days are Asia/Shanghai days; ``valid_to`` is the first day on which
    the state no longer held, null while it holds. ``version`` counts the states from 1.
    """

    name = models.CharField("名称", max_length=60)
    kind = models.CharField("类型", max_length=7, choices=GridKind.choices)
    households = models.PositiveIntegerField("户数")
    polygon = models.BinaryField("范围")
    source = models.CharField("来源", max_length=60)
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("停用日期", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=1)

    class Meta:
        abstract = True


class Grid(GridState):
    """A grid (网格), current or closed: closed ones stay readable and their codes are never used again.

    ``stamp`` is the map's number (:class:`MapStamp`) at which the row last changed.
    """

    code = models.CharField("网格编码", max_length=15, primary_key=True)
    uid = models.UUIDField("标识", unique=True)
    community = models.ForeignKey(
        Division, verbose_name="社区（村）", on_delete=models.PROTECT, related_name="grids"
    )
    min_lon = models.FloatField("西界")
    min_lat = models.FloatField("南界")
    max_lon = models.FloatField("东界")
    max_lat = models.FloatField("北界")
    label_lon = models.FloatField("注记经度")
    label_lat = models.FloatField("注记纬度")
    area_m2 = models.FloatField("面积（平方米）")
    stamp = models.PositiveBigIntegerField("变更序号", db_index=True)

    class Meta:
        verbose_name = "网格"
        verbose_name_plural = "网格"
        ordering = ["code"]
        permissions = [("serve_area", "在该辖区工作")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=GridKind.values), name="gridmap_grid_kind"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="gridmap_grid_days"
            ),
            models.CheckConstraint(
                condition=Q(code__startswith=F("community_id")), name="gridmap_grid_in_community"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"


class GridPast(GridState):
    """A former state of a grid that kept its code (网格沿革)."""

    code = models.CharField("网格编码", max_length=15)

    class Meta:
        verbose_name = "网格沿革"
        verbose_name_plural = "网格沿革"
        ordering = ["code", "version"]
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="gridmap_past_version")]

    def __str__(self) -> str:
        return f"{self.code} 第{self.version}版"


class GridSuccession(models.Model):
    """Which grid took over from which (网格更替), both by code."""

    predecessor = models.CharField("原网格", max_length=15)
    successor = models.CharField("新网格", max_length=15, db_index=True)
    day = models.DateField("日期")
    cause = models.CharField("原因", max_length=6, choices=SuccessionCause.choices)

    class Meta:
        verbose_name = "网格更替"
        verbose_name_plural = "网格更替"
        ordering = ["day", "predecessor", "successor"]
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="gridmap_succession_once")
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"


class MapStamp(models.Model):
    """The one row that tells whether the map changed.

    ``number`` counts the changes and is locked from the change until its transaction ends, so that whoever
    reads grids by it misses none. ``token`` is new with each change, so that a number that was rolled back
    and given again is not mistaken for the same map.
    """

    number = models.PositiveBigIntegerField("变更序号", default=0)
    token = models.UUIDField("标记", default=uuid.uuid4)

    class Meta:
        verbose_name = "地图版本"
        verbose_name_plural = "地图版本"

    def __str__(self) -> str:
        return str(self.number)
