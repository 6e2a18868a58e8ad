"""Make the tables."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('access', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DepartmentKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, help_text='用在哪个系统', max_length=100, verbose_name='名称')),
                ('key_hash', models.CharField(editable=False, max_length=64, unique=True, verbose_name='密钥摘要')),
                ('created_at', models.DateTimeField(verbose_name='发放时间')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='停用时间')),
                ('last_used_at', models.DateTimeField(blank=True, null=True, verbose_name='最近使用')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='发放人')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='access.department', verbose_name='部门')),
            ],
            options={
                'verbose_name': '部门密钥',
                'verbose_name_plural': '部门密钥',
                'ordering': ('-created_at',),
            },
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=32, verbose_name='数据种类')),
                ('fields', models.JSONField(default=list, verbose_name='数据项')),
                ('area', models.CharField(max_length=15, verbose_name='区划或网格编码的前几位')),
                ('purpose', models.CharField(max_length=200, verbose_name='用途')),
                ('legal_basis', models.TextField(blank=True, default='', verbose_name='法律依据')),
                ('valid_from', models.DateField(verbose_name='生效日期')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='截止日期')),
                ('enabled', models.BooleanField(default=True, verbose_name='启用')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='版本')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='access.department', verbose_name='部门')),
            ],
            options={
                'verbose_name': '共享约定',
                'verbose_name_plural': '共享约定',
                'ordering': ('department', 'kind'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('enabled', True)), fields=('department', 'kind'), name='agreement_one_enabled', violation_error_message='该部门对这种数据已有启用的约定'), models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='agreement_validity', violation_error_message='截止日期不能早于生效日期')],
            },
        ),
    ]
