"""Make the tables."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='MapStamp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField(default=0, verbose_name='变更序号')),
                ('token', models.UUIDField(default=uuid.uuid4, verbose_name='标记')),
            ],
            options={
                'verbose_name': '地图版本',
                'verbose_name_plural': '地图版本',
            },
        ),
        migrations.CreateModel(
            name='Division',
            fields=[
                ('code', models.CharField(max_length=12, primary_key=True, serialize=False, verbose_name='区划代码')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('level', models.PositiveSmallIntegerField(choices=[(2, '地级市'), (3, '县级'), (4, '乡级'), (5, '村级')], verbose_name='层级')),
                ('outline', models.BinaryField(blank=True, null=True, verbose_name='轮廓')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='gridmap.division', verbose_name='上级')),
            ],
            options={
                'verbose_name': '行政区划',
                'verbose_name_plural': '行政区划',
                'ordering': ['code'],
                'permissions': [('serve_area', '在该辖区工作')],
                'constraints': [models.CheckConstraint(condition=models.Q(('level__in', [2, 3, 4, 5])), name='gridmap_division_level'), models.CheckConstraint(condition=models.Q(models.Q(('level', 2), ('parent', None)), models.Q(('level__gt', 2), ('parent__isnull', False)), _connector='OR'), name='gridmap_division_parent')],
            },
        ),
        migrations.CreateModel(
            name='Grid',
            fields=[
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('kind', models.CharField(choices=[('urban', '城镇基础网格'), ('rural', '农村基础网格'), ('special', '专属网格')], max_length=7, verbose_name='类型')),
                ('households', models.PositiveIntegerField(verbose_name='户数')),
                ('polygon', models.BinaryField(verbose_name='范围')),
                ('source', models.CharField(max_length=60, verbose_name='来源')),
                ('valid_from', models.DateField(verbose_name='启用日期')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='停用日期')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='版本')),
                ('code', models.CharField(max_length=15, primary_key=True, serialize=False, verbose_name='网格编码')),
                ('uid', models.UUIDField(unique=True, verbose_name='标识')),
                ('min_lon', models.FloatField(verbose_name='西界')),
                ('min_lat', models.FloatField(verbose_name='南界')),
                ('max_lon', models.FloatField(verbose_name='东界')),
                ('max_lat', models.FloatField(verbose_name='北界')),
                ('label_lon', models.FloatField(verbose_name='注记经度')),
                ('label_lat', models.FloatField(verbose_name='注记纬度')),
                ('area_m2', models.FloatField(verbose_name='面积（平方米）')),
                ('stamp', models.PositiveBigIntegerField(db_index=True, verbose_name='变更序号')),
                ('community', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grids', to='gridmap.division', verbose_name='社区（村）')),
            ],
            options={
                'verbose_name': '网格',
                'verbose_name_plural': '网格',
                'ordering': ['code'],
                'permissions': [('serve_area', '在该辖区工作')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['urban', 'rural', 'special'])), name='gridmap_grid_kind'), models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='gridmap_grid_days'), models.CheckConstraint(condition=models.Q(('code__startswith', models.F('community_id'))), name='gridmap_grid_in_community')],
            },
        ),
        migrations.CreateModel(
            name='GridPast',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('kind', models.CharField(choices=[('urban', '城镇基础网格'), ('rural', '农村基础网格'), ('special', '专属网格')], max_length=7, verbose_name='类型')),
                ('households', models.PositiveIntegerField(verbose_name='户数')),
                ('polygon', models.BinaryField(verbose_name='范围')),
                ('source', models.CharField(max_length=60, verbose_name='来源')),
                ('valid_from', models.DateField(verbose_name='启用日期')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='停用日期')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='版本')),
                ('code', models.CharField(max_length=15, verbose_name='网格编码')),
            ],
            options={
                'verbose_name': '网格沿革',
                'verbose_name_plural': '网格沿革',
                'ordering': ['code', 'version'],
                'constraints': [models.UniqueConstraint(fields=('code', 'version'), name='gridmap_past_version')],
            },
        ),
        migrations.CreateModel(
            name='GridSuccession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('predecessor', models.CharField(max_length=15, verbose_name='原网格')),
                ('successor', models.CharField(db_index=True, max_length=15, verbose_name='新网格')),
                ('day', models.DateField(verbose_name='日期')),
                ('cause', models.CharField(choices=[('split', '拆分'), ('merge', '合并'), ('redraw', '重划')], max_length=6, verbose_name='原因')),
            ],
            options={
                'verbose_name': '网格更替',
                'verbose_name_plural': '网格更替',
                'ordering': ['day', 'predecessor', 'successor'],
                'constraints': [models.UniqueConstraint(fields=('predecessor', 'successor'), name='gridmap_succession_once')],
            },
        ),
    ]
