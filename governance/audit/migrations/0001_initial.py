"""Make the tables."""

import django.core.serializers.json
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='AuditHead',
            fields=[
                ('chain', models.CharField(max_length=160, primary_key=True, serialize=False, verbose_name='链')),
                ('seq', models.BigIntegerField(verbose_name='链内序号')),
                ('hash', models.CharField(max_length=64, verbose_name='摘要')),
            ],
            options={
                'verbose_name': '链头',
                'verbose_name_plural': '链头',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False, verbose_name='编号')),
                ('chain', models.CharField(max_length=160, verbose_name='链')),
                ('seq', models.BigIntegerField(verbose_name='链内序号')),
                ('at', models.DateTimeField(db_index=True, verbose_name='时间')),
                ('actor_id', models.BigIntegerField(null=True, verbose_name='账号编号')),
                ('username', models.CharField(max_length=150, verbose_name='账号')),
                ('device_id', models.UUIDField(null=True, verbose_name='终端')),
                ('source', models.CharField(max_length=20, verbose_name='身份')),
                ('action', models.CharField(max_length=60, verbose_name='操作')),
                ('kind', models.CharField(blank=True, max_length=30, verbose_name='数据种类')),
                ('subject', models.UUIDField(db_index=True, null=True, verbose_name='对象')),
                ('subjects', models.JSONField(default=list, verbose_name='批量对象')),
                ('scope', models.CharField(blank=True, max_length=15, verbose_name='网格或区划')),
                ('count', models.PositiveIntegerField(default=0, verbose_name='条数')),
                ('purpose', models.CharField(blank=True, max_length=200, verbose_name='目的')),
                ('address', models.CharField(blank=True, max_length=64, verbose_name='来源地址')),
                ('detail', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='详情')),
                ('previous', models.CharField(max_length=64, verbose_name='前一摘要')),
                ('hash', models.CharField(max_length=64, verbose_name='摘要')),
            ],
            options={
                'verbose_name': '审计记录',
                'verbose_name_plural': '审计记录',
                'ordering': ('-id',),
                'default_permissions': ('view',),
                'indexes': [models.Index(fields=['username', 'at'], name='audit_username'), models.Index(fields=['scope', 'at'], name='audit_scope')],
                'constraints': [models.UniqueConstraint(fields=('chain', 'seq'), name='audit_chain_seq')],
            },
        ),
    ]
