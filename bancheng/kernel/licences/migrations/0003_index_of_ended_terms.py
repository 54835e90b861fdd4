"""The nightly marking asks for valid and suspended licences: the index that was left out the second served nobody."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("licences", "0002_guards"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="licence",
            name="licence_by_term",
        ),
        migrations.AddIndex(
            model_name="licence",
            index=models.Index(
                fields=["valid_to"],
                condition=models.Q(status__in=["valid", "suspended"], valid_to__isnull=False),
                name="licence_by_term",
            ),
        ),
    ]
