"""Proxy services 代办: what can be done on a resident's behalf, the cases, their materials, their steps."""

from django.db import models

from governance.access.models import Department
from governance.contract.casework import STATES
from governance.feed.columns import IdField
from governance.records.models import Record, contract_model


@contract_model("paper")
class Paper(Record):
    """A material seen at the door 证件材料."""


@contract_model("case")
class Case(Record):
    """A service done on a resident's behalf 代办件."""

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["station", "state", "due_on"], name="case_queue"),
            models.Index(fields=["service", "state"], name="case_service"),
        ]


class ProxyService(models.Model):
    """What can be done on a resident's behalf (代办事项), or several of them at once (一件事).

    ``parts`` are the codes of a bundle's services; a bundle has neither department nor materials of its own.
    ``needed`` and ``optional`` are codes of list ``case_material``; ``shared`` are contract fields of the
    person or the household (``person.name``) that the department gets; ``task_items`` are the matters of
    tasks (任务事项) that this service answers. ``days`` and ``mend_days`` are working days.
    """

    class Level(models.IntegerChoices):
        """Which station decides or files: the community's or the street's."""

        COMMUNITY = 5, "社区（村）站"
        STREET = 4, "街道（乡镇）中心"

    code = models.CharField("事项代码", max_length=17, primary_key=True)
    uid = IdField("编号", unique=True)
    label = models.CharField("事项名称", max_length=50, unique=True)
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="proxy_services",
        verbose_name="办理部门",
        help_text="不填则由站点直接办理",
    )
    level = models.PositiveSmallIntegerField("受理层级", choices=Level, default=Level.COMMUNITY)
    days = models.PositiveSmallIntegerField("办理期限（工作日）", default=10)
    mend_days = models.PositiveSmallIntegerField("补正期限（工作日）", default=10)
    needed = models.JSONField("必交材料", default=list, blank=True)
    optional = models.JSONField("选交材料", default=list, blank=True)
    shared = models.JSONField("提供给部门的数据项", default=list, blank=True)
    legal_basis = models.CharField("依据", max_length=200, blank=True)
    parts = models.JSONField("包含的事项", default=list, blank=True)
    task_items = models.JSONField("对应的任务事项", default=list, blank=True)
    enabled = models.BooleanField("启用", default=True)
    confirmed = models.BooleanField("已由本市确认", default=False)
    version = models.BigIntegerField("版本", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "代办事项"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.label


class CaseStep(models.Model):
    """One step of a case (办件经过): what it made of it, who took it, at which version it shows."""

    class Side(models.TextChoices):
        """Who took a step."""

        WORKER = "worker", "网格员"
        STATION = "station", "站点"
        DEPARTMENT = "department", "部门"
        HUB = "hub", "平台"

    case = IdField("代办件")
    version = models.BigIntegerField("版本")
    at = models.DateTimeField("时间")
    before = models.CharField("之前", max_length=10, blank=True)
    after = models.CharField("之后", max_length=10, choices=tuple(STATES.items()))
    side = models.CharField("经办方", max_length=10, choices=Side)
    by = models.CharField("经办人", max_length=150, blank=True)
    station = models.CharField("站点", max_length=60, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "办件经过"
        ordering = ("case", "version")
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["case", "version"], name="casestep_version")]

    def __str__(self) -> str:
        return f"{self.case} {self.get_after_display()}"
