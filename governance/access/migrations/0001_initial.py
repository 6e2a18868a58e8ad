"""Make the tables."""

import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
import governance.access.models.device
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('gridmap', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Ability',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name': '平台权限',
                'verbose_name_plural': '平台权限',
                'permissions': (('read_records', '查看基础数据'), ('write_records', '采集登记基础数据'), ('reveal_values', '查看完整信息'), ('settle_differences', '处理数据差异'), ('import_data', '导入数据'), ('export_data', '导出数据'), ('carry_bundles', '代交离线数据包'), ('take_events', '受理事件'), ('dispatch_events', '派遣事件'), ('command_events', '指挥督办'), ('handle_events', '处置事件'), ('plan_tasks', '布置任务'), ('handle_cases', '窗口办理代办件'), ('help_out', '志愿服务'), ('define_items', '提出部门事项'), ('admit_items', '审核部门事项'), ('place_alarms', '处置外部告警'), ('pull_published', '使用部门数据接口'), ('offer_data', '提供部门数据'), ('manage_system', '管理平台设置'), ('manage_accounts', '管理账号与权限'), ('read_audit', '查阅审计')),
                'managed': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Department',
            fields=[
                ('code', models.CharField(max_length=20, primary_key=True, serialize=False, verbose_name='代码')),
                ('name', models.CharField(max_length=50, unique=True, verbose_name='名称')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='排序')),
            ],
            options={
                'verbose_name': '部门',
                'verbose_name_plural': '部门',
                'ordering': ('position', 'code'),
            },
        ),
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('grid', models.CharField(max_length=15, primary_key=True, serialize=False, verbose_name='原网格')),
                ('at', models.DateTimeField(verbose_name='交接时间')),
            ],
            options={
                'verbose_name': '岗位交接',
                'verbose_name_plural': '岗位交接',
            },
        ),
        migrations.CreateModel(
            name='Throttle',
            fields=[
                ('key', models.CharField(max_length=200, primary_key=True, serialize=False, verbose_name='对象')),
                ('began', models.BigIntegerField(verbose_name='窗口起点')),
                ('hits', models.PositiveIntegerField(verbose_name='次数')),
            ],
            options={
                'verbose_name': '限流计数',
                'verbose_name_plural': '限流计数',
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('name', models.CharField(blank=True, max_length=50, verbose_name='姓名')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='联系电话')),
                ('must_change_password', models.BooleanField(default=False, verbose_name='下次登录须改密码')),
                ('max_devices', models.PositiveSmallIntegerField(default=1, verbose_name='终端数上限')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='users', to='access.department', verbose_name='部门')),
            ],
            options={
                'verbose_name': '账号',
                'verbose_name_plural': '账号',
                'ordering': ('username',),
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='AccountSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('session_key', models.CharField(max_length=40, unique=True, verbose_name='会话键')),
                ('began_at', models.DateTimeField(verbose_name='登录时间')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='account_sessions', to=settings.AUTH_USER_MODEL, verbose_name='账号')),
            ],
            options={
                'verbose_name': '会话',
                'verbose_name_plural': '会话',
                'ordering': ('began_at', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Device',
            fields=[
                ('id', models.UUIDField(default=governance.access.models.device.device_id, editable=False, primary_key=True, serialize=False, verbose_name='编号')),
                ('name', models.CharField(max_length=100, verbose_name='终端名称')),
                ('token_hash', models.CharField(editable=False, max_length=64, unique=True, verbose_name='令牌摘要')),
                ('enrolled_at', models.DateTimeField(verbose_name='登记时间')),
                ('last_seen_at', models.DateTimeField(blank=True, null=True, verbose_name='最近联系')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='停用时间')),
                ('revoked_as', models.CharField(blank=True, choices=[('retired', '停用·待交回'), ('lost', '挂失')], default='', max_length=8, verbose_name='停用方式')),
                ('push_until', models.DateTimeField(blank=True, null=True, verbose_name='可补传至')),
                ('worker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='devices', to=settings.AUTH_USER_MODEL, verbose_name='使用人')),
            ],
            options={
                'verbose_name': '终端',
                'verbose_name_plural': '终端',
                'ordering': ('-enrolled_at',),
            },
        ),
        migrations.CreateModel(
            name='DivisionGroupRight',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='gridmap.division', verbose_name='区划')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.group', verbose_name='用户组')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
            ],
            options={
                'verbose_name': '用户组区划授权',
                'verbose_name_plural': '用户组区划授权',
                'abstract': False,
                'unique_together': {('group', 'permission', 'content_object')},
            },
        ),
        migrations.CreateModel(
            name='DivisionUserRight',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='gridmap.division', verbose_name='区划')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL, verbose_name='账号')),
            ],
            options={
                'verbose_name': '区划授权',
                'verbose_name_plural': '区划授权',
                'abstract': False,
                'unique_together': {('user', 'permission', 'content_object')},
            },
        ),
        migrations.CreateModel(
            name='GridGroupRight',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='gridmap.grid', verbose_name='网格')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.group', verbose_name='用户组')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
            ],
            options={
                'verbose_name': '用户组网格授权',
                'verbose_name_plural': '用户组网格授权',
                'abstract': False,
                'unique_together': {('group', 'permission', 'content_object')},
            },
        ),
        migrations.CreateModel(
            name='GridUserRight',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='gridmap.grid', verbose_name='网格')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL, verbose_name='账号')),
            ],
            options={
                'verbose_name': '网格授权',
                'verbose_name_plural': '网格授权',
                'abstract': False,
                'unique_together': {('user', 'permission', 'content_object')},
            },
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('grid', models.CharField(max_length=15, verbose_name='网格编码')),
                ('kind', models.CharField(choices=[('main', '主责'), ('stand_in', '代班')], default='main', max_length=10, verbose_name='类别')),
                ('starts_on', models.DateField(verbose_name='起始日期')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='截止日期')),
                ('worker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to=settings.AUTH_USER_MODEL, verbose_name='网格员')),
            ],
            options={
                'verbose_name': '岗位',
                'verbose_name_plural': '岗位',
                'ordering': ('grid', '-starts_on'),
                'indexes': [models.Index(fields=['grid', 'starts_on'], name='post_grid'), models.Index(fields=['worker', 'starts_on'], name='post_worker')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='post_ends_after_start', violation_error_message='截止日期不能早于起始日期'), models.UniqueConstraint(condition=models.Q(('ends_on__isnull', True), ('kind', 'main')), fields=('grid',), name='post_one_main', violation_error_message='该网格已有主责网格员')],
            },
        ),
    ]
