"""One more act that a scope may allow: collecting results."""

from django.db import migrations, models

ACTS = ["submit", "read", "handle", "decide", "events", "collect"]


class Migration(migrations.Migration):
    dependencies = [("exchange", "0002_order")]
    operations = [
        migrations.RemoveConstraint("scope", "scope_act_is_known"),
        migrations.AddConstraint(
            "scope", models.CheckConstraint(condition=models.Q(("act__in", ACTS)), name="scope_act_is_known")
        ),
    ]
