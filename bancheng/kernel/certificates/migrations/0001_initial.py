
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('licences', '0003_index_of_ended_terms'),
    ]

    operations = [
        migrations.CreateModel(
            name='Certificate',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('region', models.CharField(max_length=6)),
                ('number', models.IntegerField()),
                ('licence_version', models.IntegerField()),
                ('code', models.CharField(max_length=16)),
                ('unit', models.CharField(max_length=64)),
                ('holder_shown', models.CharField(max_length=200)),
                ('issued_on', models.DateField()),
                ('valid_from', models.DateField(null=True)),
                ('valid_to', models.DateField(null=True)),
                ('said', models.BinaryField()),
                ('file_digest', models.BinaryField()),
                ('file_size', models.IntegerField()),
                ('file_sealed', models.BinaryField()),
                ('sample', models.BooleanField()),
                ('seal_digest', models.BinaryField()),
                ('made_at', models.DateTimeField()),
                ('stamped_at', models.DateTimeField(null=True)),
                ('licence', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='licences.licence')),
            ],
            options={
                'indexes': [models.Index(fields=['licence', '-number'], name='certificate_by_licence'), models.Index(fields=['code'], name='certificate_by_code'), models.Index(fields=['file_digest'], name='certificate_by_file')],
                'constraints': [models.UniqueConstraint(fields=('region', 'licence', 'number'), name='one_certificate_per_number'), models.UniqueConstraint(fields=('region', 'code'), name='one_certificate_per_code'), models.CheckConstraint(condition=models.Q(('region__regex', '^[0-9]{6}$')), name='certificate_region_is_an_area_code'), models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='certificates_count_from_one'), models.CheckConstraint(condition=models.Q(('code__regex', '^[0-9A-HJKMNP-TV-Z]{16}$')), name='certificate_code_is_sixteen_letters'), models.CheckConstraint(condition=models.Q(django.db.models.lookups.Exact(django.db.models.functions.text.Length('said'), 32), django.db.models.lookups.Exact(django.db.models.functions.text.Length('file_digest'), 32), django.db.models.lookups.Exact(django.db.models.functions.text.Length('seal_digest'), 32)), name='certificate_digests_are_32_bytes')],
            },
        ),
    ]
