"""Django's entry to this room."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """任务."""

    name = "governance.tasks"
    verbose_name = "任务"
