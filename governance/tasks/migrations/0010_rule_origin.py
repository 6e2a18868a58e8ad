"""Scans go rule by rule; tasks that rules made before say so in their origin."""

from django.db import migrations, models
from django.db.models import Value
from django.db.models.functions import StrIndex, Substr


def forward(apps, schema_editor):
    """Read the rule from the occasion's key."""
    apps.get_model("tasks", "Task").objects.filter(origin=None, occasion__contains=":").update(
        origin="rule", origin_ref=Substr("occasion", 1, StrIndex("occasion", Value(":")) - 1)
    )


class Migration(migrations.Migration):

    dependencies = [("tasks", "0009_visit_plans")]

    operations = [
        migrations.RemoveField(model_name="dayscan", name="prefix"),
        migrations.AddField(
            model_name="dayscan",
            name="rule",
            field=models.CharField("已完成至规则", max_length=40, blank=True, default=""),
        ),
        migrations.RunPython(forward, migrations.RunPython.noop),
    ]
