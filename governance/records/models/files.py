"""Photos and other files (照片、附件): what is stored, once a content, and which record each belongs to.

The bytes lie in the storage named ``files`` (settings ``STORAGES``), under the SHA-256 of the whole.
A file and the record that names it arrive in either order.
"""

from django.db import models

from governance.feed.columns import IdField


class Content(models.Model):
    """One content: bytes stored once, whoever sent them.

    ``taken_at``, ``lon`` and ``lat`` (degrees, WGS-84) are what the photo itself says (EXIF).
    """

    sha256 = models.CharField("SHA-256", primary_key=True, max_length=64)
    size = models.BigIntegerField("字节数")
    media_type = models.CharField("类型", max_length=40)
    width = models.IntegerField("宽", null=True)
    height = models.IntegerField("高", null=True)
    taken_at = models.DateTimeField("拍摄时间（照片内）", null=True)
    lon = models.FloatField("拍摄经度（照片内）", null=True)
    lat = models.FloatField("拍摄纬度（照片内）", null=True)
    stored_at = models.DateTimeField("入库时间")

    class Meta:
        verbose_name = verbose_name_plural = "文件内容"

    def __str__(self) -> str:
        return self.sha256[:12]


class StoredFile(models.Model):
    """One file as a tablet sent it; ``kind`` and ``record`` are what it said the file belongs to."""

    id = IdField("编号", primary_key=True)
    content = models.ForeignKey(Content, models.PROTECT, related_name="files", verbose_name="内容")
    name = models.CharField("文件名", max_length=200, blank=True)
    kind = models.CharField("记录种类", max_length=32, blank=True)
    record = IdField("记录", null=True)
    taken_at = models.DateTimeField("拍摄时间（终端）", null=True)
    device = models.UUIDField("终端", null=True)
    user = models.BigIntegerField("上传人", null=True)
    received_at = models.DateTimeField("收到时间")

    class Meta:
        verbose_name = verbose_name_plural = "照片、附件"

    def __str__(self) -> str:
        return self.name or str(self.pk)


class FileUse(models.Model):
    """Which record a file belongs to: the first that named it, for good.

    Whoever may read that record, while it names the file, may read the file.
    """

    file = IdField("文件", primary_key=True)
    kind = models.CharField("记录种类", max_length=32)
    record = IdField("记录")

    class Meta:
        verbose_name = verbose_name_plural = "文件归属"

    def __str__(self) -> str:
        return f"{self.kind} {self.record}"
