"""Which licences were granted on a promise of their conditions (告知承诺): said on the certificate."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("licences", "0003_index_of_ended_terms")]
    operations = [
        migrations.AddField(
            model_name="licence", name="on_promise", field=models.BooleanField(db_default=False, default=False)
        ),
    ]
