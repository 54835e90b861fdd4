"""An organisation whose registration was cancelled says since when."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0003_case_roles")]
    operations = [
        migrations.AddField(
            model_name="organisation", name="closed_at", field=models.DateTimeField(null=True)
        ),
    ]
