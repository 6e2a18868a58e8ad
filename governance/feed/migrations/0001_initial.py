"""Make the tables."""

import governance.feed.columns
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Bookmark',
            fields=[
                ('pk', models.CompositePrimaryKey('follower', 'grid', blank=True, editable=False, primary_key=True, serialize=False)),
                ('follower', models.CharField(max_length=32, verbose_name='读者')),
                ('grid', models.CharField(max_length=15, verbose_name='网格')),
                ('seq', models.BigIntegerField(default=0, verbose_name='序号')),
            ],
            options={
                'verbose_name': '读到',
                'verbose_name_plural': '读到',
            },
        ),
        migrations.CreateModel(
            name='Counter',
            fields=[
                ('name', models.CharField(max_length=16, primary_key=True, serialize=False, verbose_name='名称')),
                ('value', models.BigIntegerField(default=0, verbose_name='数')),
            ],
            options={
                'verbose_name': '计数',
                'verbose_name_plural': '计数',
            },
        ),
        migrations.CreateModel(
            name='Epoch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.CharField(max_length=32, verbose_name='纪元')),
            ],
            options={
                'verbose_name': '平台纪元',
                'verbose_name_plural': '平台纪元',
            },
        ),
        migrations.CreateModel(
            name='Head',
            fields=[
                ('grid', models.CharField(max_length=15, primary_key=True, serialize=False, verbose_name='网格')),
                ('seq', models.BigIntegerField(default=0, verbose_name='序号')),
            ],
            options={
                'verbose_name': '流水头',
                'verbose_name_plural': '流水头',
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('pk', models.CompositePrimaryKey('grid', 'record', blank=True, editable=False, primary_key=True, serialize=False)),
                ('grid', models.CharField(max_length=15, verbose_name='网格')),
                ('record', governance.feed.columns.IdField(verbose_name='记录')),
                ('kind', models.CharField(max_length=32, verbose_name='种类')),
                ('version', models.BigIntegerField(verbose_name='版本')),
                ('seq', models.BigIntegerField(verbose_name='序号')),
                ('gone', models.CharField(blank=True, default='', max_length=8, verbose_name='离开原因')),
                ('number', models.BigIntegerField(null=True, verbose_name='全市序号')),
                ('by', governance.feed.columns.IdField(null=True, verbose_name='来自终端')),
            ],
            options={
                'verbose_name': '流水',
                'verbose_name_plural': '流水',
                'indexes': [models.Index(fields=['grid', 'seq'], name='feed_entry_seq'), models.Index(fields=['number'], name='feed_entry_number')],
            },
        ),
    ]
