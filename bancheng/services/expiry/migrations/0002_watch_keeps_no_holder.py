"""The holder of a watch is the licence's own: one column and one index less to write for each licence taken in.

Ended terms leave the partial indexes of the nightly scan; the table is vacuumed and counted long before a fifth of it has changed,
so that the scan does not walk what ended.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("expiry", "0001_initial"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="watch",
            name="expiry_pending",
        ),
        migrations.RemoveIndex(
            model_name="watch",
            name="expiry_holder",
        ),
        migrations.RemoveField(
            model_name="watch",
            name="holder_hash",
        ),
        migrations.RunSQL(
            "ALTER TABLE expiry_watch SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01)",
            "ALTER TABLE expiry_watch RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor)",
        ),
    ]
