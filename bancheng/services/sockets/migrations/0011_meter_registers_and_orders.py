from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sockets", "0010_ocpp"),
    ]

    operations = [
        migrations.AddField(
            model_name="meter",
            name="first_10wh",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="meter",
            name="last_10wh",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="prepay",
            index=models.Index(fields=["order_id"], name="prepay_of_an_order"),
        ),
    ]
