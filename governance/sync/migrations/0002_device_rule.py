"""Make the one row of what is demanded of devices."""

from django.db import migrations


def rule_make(apps, schema_editor):
    apps.get_model("sync", "DeviceRule").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("sync", "0001_initial")]

    operations = [migrations.RunPython(rule_make, migrations.RunPython.noop)]
