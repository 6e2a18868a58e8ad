"""Life-event rules become rules with a first version; their occasions keep their keys."""

from django.db import migrations
from django.utils import timezone


def _content(old):
    window = {
        name: {"n": days}
        for name, days in (("opens", old.opens_days), ("due", old.due_days), ("expires", old.expires_days))
        if days or name == "expires"
    }
    content = {
        "subject": old.subject_kind,
        "title": old.title,
        "item": old.item,
        "text": old.text,
        "moment": {"op": "milestone", "field": "birth_date", "at": [old.years]},
        "window": window,
    }
    return content if old.priority == "1" else {**content, "priority": old.priority}


def forward(apps, schema_editor):
    """Make a rule and an active version of each life-event rule."""
    Rule, Version = apps.get_model("rules", "Rule"), apps.get_model("rules", "RuleVersion")
    now = timezone.now()
    for old in apps.get_model("rules", "LifeEvent").objects.all():
        rule = Rule.objects.create(
            code=old.code, name=old.title, source=old.source, confirmed=old.confirmed, enabled=old.enabled
        )
        Version.objects.create(
            rule=rule,
            number=1,
            state="active",
            content=_content(old),
            valid_from=old.valid_from,
            valid_to=old.valid_to,
            note="由人生事项规则转来",
            made_at=now,
            decided_at=now,
        )


class Migration(migrations.Migration):

    dependencies = [("rules", "0003_special_days")]

    operations = [
        migrations.RunPython(forward, migrations.RunPython.noop),
        migrations.DeleteModel(name="LifeEvent"),
    ]
