"""Heads, entries and bookmarks of the numbered feed (变更流)."""

from django.db import models

from governance.feed.columns import IdField


class Epoch(models.Model):
    """The hub's epoch (纪元): one row; a hub restored from a backup gets a new one."""

    value = models.CharField("纪元", max_length=32)

    class Meta:
        verbose_name = verbose_name_plural = "平台纪元"

    def __str__(self) -> str:
        return self.value


class Head(models.Model):
    """The last number given out in a stream (a grid, or the city's code ``420500``).

    Its row is locked until the writer commits, so numbers become visible in their order
    and streams of different grids never wait for each other.
    """

    grid = models.CharField("网格", max_length=15, primary_key=True)
    seq = models.BigIntegerField("序号", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "流水头"

    def __str__(self) -> str:
        return f"{self.grid}:{self.seq}"


class Entry(models.Model):
    """The latest change of one record in one stream; an older one gives way to it.

    ``number`` counts over all streams; it is given after commit, by whoever reads first
    (:func:`governance.feed.services.entries_number`). ``by`` is the device that holds the record
    as it stands, since the answer to its own push said so; it need not be told.
    """

    pk = models.CompositePrimaryKey("grid", "record")
    grid = models.CharField("网格", max_length=15)
    record = IdField("记录")
    kind = models.CharField("种类", max_length=32)
    version = models.BigIntegerField("版本")
    seq = models.BigIntegerField("序号")
    gone = models.CharField("离开原因", max_length=8, default="", blank=True)
    number = models.BigIntegerField("全市序号", null=True)
    by = IdField("来自终端", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "流水"
        indexes = [
            models.Index(fields=["grid", "seq"], name="feed_entry_seq"),
            models.Index(fields=["number"], name="feed_entry_number"),
        ]

    def __str__(self) -> str:
        return f"{self.grid}:{self.seq} {self.kind}"


class Counter(models.Model):
    """The city-wide number last given out; its row is the sequencer's lock."""

    name = models.CharField("名称", max_length=16, primary_key=True)
    value = models.BigIntegerField("数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "计数"

    def __str__(self) -> str:
        return f"{self.name}:{self.value}"


class Bookmark(models.Model):
    """How far an upper room (the follower) has read a stream."""

    pk = models.CompositePrimaryKey("follower", "grid")
    follower = models.CharField("读者", max_length=32)
    grid = models.CharField("网格", max_length=15)
    seq = models.BigIntegerField("序号", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "读到"

    def __str__(self) -> str:
        return f"{self.follower} {self.grid}:{self.seq}"
