"""Make the tables."""

import django.db.models.deletion
import governance.feed.columns
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('access', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeviceKeys',
            fields=[
                ('device', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='keys', serialize=False, to='access.device', verbose_name='终端')),
                ('sign', models.BinaryField(max_length=32, verbose_name='签名公钥（Ed25519）')),
                ('receipt', models.BinaryField(max_length=32, verbose_name='回执公钥（X25519）')),
                ('registered_at', models.DateTimeField(verbose_name='登记时间')),
            ],
            options={
                'verbose_name': '终端公钥',
                'verbose_name_plural': '终端公钥',
            },
        ),
        migrations.CreateModel(
            name='DeviceRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('silent_days', models.PositiveSmallIntegerField(default=3, verbose_name='几天不联系算失联')),
                ('clock_minutes', models.PositiveSmallIntegerField(default=10, verbose_name='时钟差多少分钟算不准')),
            ],
            options={
                'verbose_name': '终端告警设置',
                'verbose_name_plural': '终端告警设置',
                'default_permissions': ('view', 'change'),
            },
        ),
        migrations.CreateModel(
            name='DeviceState',
            fields=[
                ('device', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='state', serialize=False, to='access.device', verbose_name='终端')),
                ('protocol', models.PositiveSmallIntegerField(null=True, verbose_name='协议')),
                ('program', models.CharField(blank=True, max_length=32, verbose_name='程序版本')),
                ('pulled_at', models.DateTimeField(null=True, verbose_name='最近取回')),
                ('pushed_at', models.DateTimeField(null=True, verbose_name='最近送出')),
                ('cursor', models.TextField(blank=True, verbose_name='取回到')),
                ('reported_at', models.DateTimeField(null=True, verbose_name='最近自报')),
                ('unsent', models.PositiveBigIntegerField(null=True, verbose_name='未上传')),
                ('oldest', models.DateField(null=True, verbose_name='最早未上传')),
                ('files', models.PositiveBigIntegerField(null=True, verbose_name='待传文件')),
                ('free', models.PositiveBigIntegerField(null=True, verbose_name='剩余存储（MiB）')),
                ('used', models.PositiveBigIntegerField(null=True, verbose_name='占用存储（MiB）')),
                ('skew', models.BigIntegerField(null=True, verbose_name='时钟偏差（秒）')),
            ],
            options={
                'verbose_name': '终端状况',
                'verbose_name_plural': '终端状况',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', governance.feed.columns.IdField(primary_key=True, serialize=False, verbose_name='编号')),
                ('device', models.UUIDField(verbose_name='终端')),
                ('user', models.BigIntegerField(verbose_name='上传人')),
                ('length', models.BigIntegerField(verbose_name='字节数')),
                ('offset', models.BigIntegerField(default=0, verbose_name='已到字节')),
                ('sha256', models.CharField(blank=True, max_length=64, verbose_name='SHA-256')),
                ('name', models.CharField(blank=True, max_length=200, verbose_name='文件名')),
                ('kind', models.CharField(blank=True, max_length=32, verbose_name='记录种类')),
                ('record', governance.feed.columns.IdField(null=True, verbose_name='记录')),
                ('taken_at', models.DateTimeField(null=True, verbose_name='拍摄时间')),
                ('metadata', models.TextField(blank=True, verbose_name='原始说明')),
                ('refused', models.CharField(blank=True, max_length=200, verbose_name='不收的原因')),
                ('created_at', models.DateTimeField(verbose_name='开始时间')),
                ('touched_at', models.DateTimeField(db_index=True, verbose_name='最近收到时间')),
            ],
            options={
                'verbose_name': '上传中的文件',
                'verbose_name_plural': '上传中的文件',
                'indexes': [models.Index(fields=['device', 'created_at'], name='upload_device')],
            },
        ),
        migrations.CreateModel(
            name='BundlePart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('bundle', models.UUIDField(verbose_name='数据包')),
                ('counter', models.BigIntegerField(verbose_name='序号')),
                ('part', models.PositiveIntegerField(verbose_name='第几份')),
                ('parts', models.PositiveIntegerField(verbose_name='共几份')),
                ('changes', models.PositiveIntegerField(verbose_name='条数')),
                ('first_at', models.DateTimeField(verbose_name='首次收到')),
                ('last_at', models.DateTimeField(verbose_name='最近收到')),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bundles', to='access.device', verbose_name='终端')),
            ],
            options={
                'verbose_name': '数据包',
                'verbose_name_plural': '数据包',
                'constraints': [models.UniqueConstraint(fields=('device', 'bundle', 'part'), name='bundle_part_once')],
            },
        ),
    ]
