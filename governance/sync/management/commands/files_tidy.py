"""Delete uploads that were never finished."""

from typing import Any

from django.core.management.base import BaseCommand

from governance.sync.files.sweep import uploads_sweep


class Command(BaseCommand):
    """``manage.py files_tidy``; run it once a day."""

    help = "清理过期未传完的照片、附件；建议每天运行一次"

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        self.stdout.write(f"已清理未传完的文件{uploads_sweep()}个")
