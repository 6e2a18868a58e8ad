"""The three centres and the three teams (三个三): stations with posts, teams with members."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from governance.feed.columns import IdField
from gridmap.models import Division


def _in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
        name=name,
        violation_error_message="截止日期不能早于起始日期",
    )


class Station(models.Model):
    """A centre at a street or a station at a community (中心、站); ``code`` is division and kind."""

    class Kind(models.TextChoices):
        """Which of the three centres."""

        SERVICE = "service", "便民服务"
        PEACE = "peace", "综治信访维稳"
        GRID = "grid", "网格管理"

    code = models.CharField("编码", max_length=20, primary_key=True, editable=False)
    kind = models.CharField("类别", max_length=10, choices=Kind)
    division = models.ForeignKey(Division, models.PROTECT, related_name="stations", verbose_name="区划")
    name = models.CharField("名称", max_length=60)
    address = models.CharField("地址", max_length=200, blank=True)
    phone = models.CharField("电话", max_length=20, blank=True)
    hours = models.CharField("办公时间", max_length=100, blank=True)
    enabled = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "中心（站）"
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(
                fields=["division", "kind"],
                name="station_one",
                violation_error_message="该区划已有这一类中心（站）",
            )
        ]

    def __str__(self) -> str:
        return self.name


class StationPost(models.Model):
    """Who works at a station, from when to when (站点岗位); both days belong to it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="station_posts", verbose_name="工作人员"
    )
    station = models.ForeignKey(Station, models.PROTECT, related_name="posts", verbose_name="中心（站）")
    title = models.CharField("岗位", max_length=30, default="窗口受理")
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("截止日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "站点岗位"
        ordering = ("station", "-starts_on")
        constraints = [_in_order("stationpost_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.station} {self.title}"


class Team(models.Model):
    """One of the three teams (三支队伍) of a street or a community."""

    class Kind(models.TextChoices):
        """Which of the three teams."""

        CADRE = "cadre", "社区干部队伍"
        WORKER = "worker", "网格员队伍"
        VOLUNTEER = "volunteer", "志愿者队伍"

    kind = models.CharField("类别", max_length=10, choices=Kind, default=Kind.VOLUNTEER)
    division = models.ForeignKey(Division, models.PROTECT, related_name="teams", verbose_name="区划")
    name = models.CharField("名称", max_length=60)
    enabled = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "队伍"
        ordering = ("division", "kind", "name")
        constraints = [
            models.UniqueConstraint(
                fields=["division", "name"], name="team_name", violation_error_message="该区划已有同名队伍"
            )
        ]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """Who belongs to a team, from when to when (队员); both days belong to it."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="members", verbose_name="队伍")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="team_memberships", verbose_name="队员"
    )
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("截止日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "队员"
        ordering = ("team", "-starts_on")
        constraints = [_in_order("teammember_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.team} {self.user}"


class HelpTurn(models.Model):
    """Which volunteer took a task that was given to his team (志愿者接单): one a task, the first who did."""

    task = IdField("任务", primary_key=True)
    team = models.ForeignKey(Team, models.PROTECT, related_name="turns", verbose_name="队伍")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="help_turns", verbose_name="志愿者"
    )
    taken_at = models.DateTimeField("接单时间")

    class Meta:
        verbose_name = verbose_name_plural = "志愿者接单"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.team} {self.task}"
