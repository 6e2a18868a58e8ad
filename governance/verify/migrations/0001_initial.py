"""Make the tables."""

from django.db import migrations


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('records', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Difference',
            fields=[
            ],
            options={
                'verbose_name': '数据差异',
                'verbose_name_plural': '数据差异',
                'proxy': True,
                'default_permissions': ('view',),
                'indexes': [],
                'constraints': [],
            },
            bases=('records.contested',),
        ),
    ]
