"""Django's entry to this room."""

from django.apps import AppConfig


class PublishConfig(AppConfig):
    """数据共享."""

    name = "governance.publish"
    verbose_name = "数据共享"
