"""A code to look up what a rating came to, and who rated for another."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("ratings", "0002_guards")]
    operations = [
        migrations.AddField(
            model_name="occasion", name="slip_hash", field=models.BinaryField(db_default=b"")
        ),
        migrations.AddField(
            model_name="rating", name="agent_sealed", field=models.BinaryField(db_default=b"")
        ),
        migrations.AddConstraint(
            model_name="occasion",
            constraint=models.UniqueConstraint(
                fields=["region", "slip_hash"], condition=~Q(slip_hash=b""), name="one_occasion_per_slip"
            ),
        ),
    ]
