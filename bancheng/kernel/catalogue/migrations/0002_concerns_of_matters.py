"""What a matter touches, so that no promise and no gap is offered where the law excludes them (R-GC-1, R-RQ-6)."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="matter",
            name="concerns",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20), db_default=[], default=list, size=None
            ),
        ),
    ]
