"""Uploads under way (上传中的文件)."""

from django.db import models

from governance.feed.columns import IdField


class Upload(models.Model):
    """A file that has not wholly arrived. ``offset`` counts bytes that are on the disk for certain.

    ``refused`` is why its content was not taken; such an upload goes no further.
    """

    id = IdField("编号", primary_key=True)
    device = models.UUIDField("终端")
    user = models.BigIntegerField("上传人")
    length = models.BigIntegerField("字节数")
    offset = models.BigIntegerField("已到字节", default=0)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    name = models.CharField("文件名", max_length=200, blank=True)
    kind = models.CharField("记录种类", max_length=32, blank=True)
    record = IdField("记录", null=True)
    taken_at = models.DateTimeField("拍摄时间", null=True)
    metadata = models.TextField("原始说明", blank=True)
    refused = models.CharField("不收的原因", max_length=200, blank=True)
    created_at = models.DateTimeField("开始时间")
    touched_at = models.DateTimeField("最近收到时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "上传中的文件"
        indexes = [models.Index(fields=["device", "created_at"], name="upload_device")]

    def __str__(self) -> str:
        return f"{self.pk} {self.offset}/{self.length}"
