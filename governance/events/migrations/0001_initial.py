"""Make the tables."""

import governance.feed.columns
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', governance.feed.columns.IdField(primary_key=True, serialize=False, verbose_name='编号')),
                ('grid', models.CharField(max_length=15, verbose_name='网格')),
                ('version', models.BigIntegerField(default=1, verbose_name='版本')),
                ('origins', models.JSONField(default=list, verbose_name='来源')),
                ('deleted', models.BooleanField(default=False, verbose_name='误录作废')),
                ('created_at', models.DateTimeField(verbose_name='登记时间')),
                ('updated_at', models.DateTimeField(verbose_name='更新时间')),
                ('category', models.CharField(max_length=4, null=True, verbose_name='事件类别')),
                ('event_class', models.CharField(blank=True, max_length=2, null=True, verbose_name='事件大类')),
                ('title', models.CharField(blank=True, max_length=100, null=True, verbose_name='事件名称')),
                ('description', models.TextField(null=True, verbose_name='事件简述')),
                ('occurred_at', models.DateTimeField(blank=True, null=True, verbose_name='发生时间')),
                ('address', models.CharField(blank=True, max_length=200, null=True, verbose_name='发生地详址')),
                ('urgency', models.CharField(blank=True, max_length=1, null=True, verbose_name='紧急程度')),
                ('scale', models.CharField(blank=True, max_length=2, null=True, verbose_name='事件规模')),
                ('nature', models.CharField(blank=True, max_length=1, null=True, verbose_name='事件性质')),
                ('people_count', models.BigIntegerField(blank=True, null=True, verbose_name='涉及人数')),
                ('units', models.CharField(blank=True, max_length=100, null=True, verbose_name='涉及单位')),
                ('party_name', models.CharField(blank=True, max_length=50, null=True, verbose_name='主要当事人姓名')),
                ('party_phone', models.CharField(blank=True, max_length=50, null=True, verbose_name='主要当事人联系方式')),
                ('party_address', models.CharField(blank=True, max_length=200, null=True, verbose_name='主要当事人居住详址')),
                ('reporter_name', models.CharField(blank=True, max_length=50, null=True, verbose_name='反映人姓名')),
                ('reporter_phone', models.CharField(blank=True, max_length=50, null=True, verbose_name='反映人联系方式')),
                ('resolve_by', models.DateField(blank=True, null=True, verbose_name='化解时限')),
                ('mediation', models.CharField(blank=True, max_length=2, null=True, verbose_name='化解方式')),
                ('mediator_unit', models.CharField(blank=True, max_length=100, null=True, verbose_name='化解组织')),
                ('mediator_name', models.CharField(blank=True, max_length=50, null=True, verbose_name='化解责任人姓名')),
                ('mediator_phone', models.CharField(blank=True, max_length=50, null=True, verbose_name='化解责任人联系方式')),
                ('resolved', models.BooleanField(blank=True, null=True, verbose_name='化解是否成功')),
                ('resolution', models.TextField(blank=True, null=True, verbose_name='化解情况')),
                ('state', models.CharField(blank=True, max_length=8, null=True, verbose_name='事件状态')),
                ('photos', models.JSONField(blank=True, null=True, verbose_name='现场照片')),
                ('lon', models.FloatField(blank=True, help_text='GB 22021-2008', null=True, verbose_name='经度')),
                ('lat', models.FloatField(blank=True, help_text='GB 22021-2008', null=True, verbose_name='纬度')),
                ('crs', models.CharField(blank=True, max_length=5, null=True, verbose_name='定位坐标系')),
                ('accuracy', models.FloatField(blank=True, null=True, verbose_name='定位精度')),
                ('verification', models.CharField(blank=True, max_length=1, null=True, verbose_name='核实状态')),
                ('note', models.CharField(blank=True, max_length=500, null=True, verbose_name='备注')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='注销日期')),
                ('closed_reason', models.CharField(blank=True, max_length=2, null=True, verbose_name='注销原因')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['grid'], name='event_grid')],
            },
        ),
    ]
