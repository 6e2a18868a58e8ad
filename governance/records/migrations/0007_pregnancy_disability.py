"""Pregnancy leaves the person's record for a register behind a right of its own."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F
from django.utils import timezone

import governance.feed.columns
from governance.contract.ids import uuid7


def move(apps, schema_editor):
    """Enter each expected birth in the register, and tell the grid's stream."""
    person, register = apps.get_model("records", "Person"), apps.get_model("records", "CarePregnancy")
    head, entry = apps.get_model("feed", "Head"), apps.get_model("feed", "Entry")
    now = timezone.now()
    origin = {"v": 1, "s": "health", "u": None, "d": None, "t": now.strftime("%Y-%m-%dT%H:%M:%SZ")}
    held = person.objects.filter(deleted=False, closed_on=None, expected_birth_on__isnull=False)
    for id_, grid, expected in held.values_list("id", "grid", "expected_birth_on").iterator():
        made = register.objects.create(
            id=uuid7(),
            person_id=id_,
            grid=grid,
            version=1,
            origins=[origin],
            expected_birth_on=expected,
            created_at=now,
            updated_at=now,
        )
        head.objects.get_or_create(grid=grid)
        head.objects.filter(grid=grid).update(seq=F("seq") + 1)
        seq = head.objects.values_list("seq", flat=True).get(grid=grid)
        entry.objects.create(grid=grid, record=made.id, kind="care_pregnancy", version=1, seq=seq)


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0006_answer_whole'),
        ('feed', '0002_by_device'),
    ]

    operations = [
        migrations.AddField(
            model_name='person',
            name='veteran',
            field=models.BooleanField(blank=True, null=True, verbose_name='是否退役军人'),
        ),
        migrations.CreateModel(
            name='CareDisability',
            fields=[
                ('id', governance.feed.columns.IdField(primary_key=True, serialize=False, verbose_name='编号')),
                ('grid', models.CharField(max_length=15, verbose_name='网格')),
                ('version', models.BigIntegerField(default=1, verbose_name='版本')),
                ('origins', models.JSONField(default=list, verbose_name='来源')),
                ('deleted', models.BooleanField(default=False, verbose_name='误录作废')),
                ('created_at', models.DateTimeField(verbose_name='登记时间')),
                ('updated_at', models.DateTimeField(verbose_name='更新时间')),
                ('category', models.CharField(max_length=1, null=True, verbose_name='残疾类别')),
                ('grade', models.CharField(blank=True, max_length=1, null=True, verbose_name='残疾等级')),
                ('issued_on', models.DateField(blank=True, null=True, verbose_name='残疾人证发证日期')),
                ('expires_on', models.DateField(blank=True, null=True, verbose_name='残疾人证有效期')),
                ('needs', models.TextField(blank=True, null=True, verbose_name='困难及诉求')),
                ('contact_name', models.CharField(blank=True, max_length=50, null=True, verbose_name='紧急联系人姓名')),
                ('contact_phone', models.CharField(blank=True, max_length=50, null=True, verbose_name='紧急联系人联系方式')),
                ('care_level', models.CharField(blank=True, max_length=1, null=True, verbose_name='关怀等级')),
                ('next_visit_on', models.DateField(blank=True, null=True, verbose_name='下次走访日期')),
                ('helper_name', models.CharField(blank=True, max_length=50, null=True, verbose_name='帮扶人姓名')),
                ('helper_phone', models.CharField(blank=True, max_length=50, null=True, verbose_name='帮扶人联系方式')),
                ('help_given', models.TextField(blank=True, null=True, verbose_name='帮扶情况')),
                ('verification', models.CharField(blank=True, max_length=1, null=True, verbose_name='核实状态')),
                ('note', models.CharField(blank=True, max_length=500, null=True, verbose_name='备注')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='注销日期')),
                ('closed_reason', models.CharField(blank=True, max_length=2, null=True, verbose_name='注销原因')),
                ('person', models.ForeignKey(db_column='person', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='care_disability_person_set', to='records.person', verbose_name='关怀对象')),
            ],
            options={
                'permissions': [('see_care_disability', '可办理残疾人关怀')],
                'abstract': False,
                'indexes': [models.Index(fields=['grid'], name='caredisability_grid')],
            },
        ),
        migrations.CreateModel(
            name='CarePregnancy',
            fields=[
                ('id', governance.feed.columns.IdField(primary_key=True, serialize=False, verbose_name='编号')),
                ('grid', models.CharField(max_length=15, verbose_name='网格')),
                ('version', models.BigIntegerField(default=1, verbose_name='版本')),
                ('origins', models.JSONField(default=list, verbose_name='来源')),
                ('deleted', models.BooleanField(default=False, verbose_name='误录作废')),
                ('created_at', models.DateTimeField(verbose_name='登记时间')),
                ('updated_at', models.DateTimeField(verbose_name='更新时间')),
                ('expected_birth_on', models.DateField(null=True, verbose_name='预产期')),
                ('booked_on', models.DateField(blank=True, null=True, verbose_name='建册日期')),
                ('checked_on', models.DateField(blank=True, null=True, verbose_name='最近孕检日期')),
                ('check_place', models.CharField(blank=True, max_length=100, null=True, verbose_name='孕检机构名称')),
                ('contact_name', models.CharField(blank=True, max_length=50, null=True, verbose_name='紧急联系人姓名')),
                ('contact_phone', models.CharField(blank=True, max_length=50, null=True, verbose_name='紧急联系人联系方式')),
                ('care_level', models.CharField(blank=True, max_length=1, null=True, verbose_name='关怀等级')),
                ('next_visit_on', models.DateField(blank=True, null=True, verbose_name='下次走访日期')),
                ('helper_name', models.CharField(blank=True, max_length=50, null=True, verbose_name='帮扶人姓名')),
                ('helper_phone', models.CharField(blank=True, max_length=50, null=True, verbose_name='帮扶人联系方式')),
                ('help_given', models.TextField(blank=True, null=True, verbose_name='帮扶情况')),
                ('verification', models.CharField(blank=True, max_length=1, null=True, verbose_name='核实状态')),
                ('note', models.CharField(blank=True, max_length=500, null=True, verbose_name='备注')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='注销日期')),
                ('closed_reason', models.CharField(blank=True, max_length=2, null=True, verbose_name='注销原因')),
                ('person', models.ForeignKey(db_column='person', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='care_pregnancy_person_set', to='records.person', verbose_name='关怀对象')),
            ],
            options={
                'permissions': [('see_care_pregnancy', '可办理孕产妇关怀')],
                'abstract': False,
                'indexes': [models.Index(fields=['grid'], name='carepregnancy_grid')],
            },
        ),
        migrations.RunPython(move, migrations.RunPython.noop, elidable=False),
        migrations.RemoveField(
            model_name='person',
            name='expected_birth_on',
        ),
    ]
