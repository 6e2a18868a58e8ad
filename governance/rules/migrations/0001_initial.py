"""Make the tables."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Rule',
            fields=[
                ('code', models.CharField(max_length=40, primary_key=True, serialize=False, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_]*$', '只能用小写字母、数字和下划线，以字母开头')], verbose_name='规则编号')),
                ('name', models.CharField(max_length=100, verbose_name='规则名称')),
                ('source', models.CharField(blank=True, default='', max_length=200, verbose_name='依据')),
                ('confirmed', models.BooleanField(default=False, verbose_name='已由本市确认')),
                ('enabled', models.BooleanField(default=True, verbose_name='启用')),
            ],
            options={
                'verbose_name': '规则',
                'verbose_name_plural': '规则',
                'ordering': ('code',),
            },
        ),
        migrations.CreateModel(
            name='SpecialDay',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False, verbose_name='日期')),
                ('working', models.BooleanField(default=False, help_text='调休上班日打勾，放假不打勾', verbose_name='上班')),
                ('name', models.CharField(help_text='例如“春节”“国庆节调休”', max_length=50, verbose_name='名称')),
                ('source', models.CharField(choices=[('state', '国务院放假安排'), ('staff', '本市调整')], default='staff', editable=False, max_length=5, verbose_name='依据')),
                ('changed_at', models.DateTimeField(auto_now=True, verbose_name='修改时间')),
            ],
            options={
                'verbose_name': '工作日历',
                'verbose_name_plural': '工作日历',
                'ordering': ('-day',),
            },
        ),
        migrations.CreateModel(
            name='RuleVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='版本号')),
                ('state', models.CharField(choices=[('draft', '草稿'), ('proposed', '待同意'), ('active', '生效'), ('retired', '废止')], default='draft', max_length=8, verbose_name='状态')),
                ('content', models.JSONField(verbose_name='内容')),
                ('valid_from', models.DateField(verbose_name='生效日期')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='截止日期')),
                ('note', models.CharField(blank=True, default='', max_length=200, verbose_name='修改说明')),
                ('made_at', models.DateTimeField(verbose_name='起草时间')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='同意时间')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='同意人')),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='起草人')),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='rules.rule', verbose_name='规则')),
            ],
            options={
                'verbose_name': '规则版本',
                'verbose_name_plural': '规则版本',
                'ordering': ('rule', '-number'),
                'constraints': [models.UniqueConstraint(fields=('rule', 'number'), name='rule_version_number'), models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='rule_version_validity', violation_error_message='截止日期不能早于生效日期')],
            },
        ),
    ]
