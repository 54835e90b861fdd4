from django.db import migrations, models

# The queue's rows live for seconds: the defaults (a tenth, a fifth of the table) leave the planner with statistics of an
# empty or a full table, and a fetch costs 11 ms instead of 0.2.
AUTOVACUUM = """
ALTER TABLE procrastinate_jobs SET (
    autovacuum_analyze_scale_factor = 0.01, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0
);
ALTER TABLE procrastinate_events SET (autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_scale_factor = 0.05);
"""
UNDO = """
ALTER TABLE procrastinate_jobs RESET (
    autovacuum_analyze_scale_factor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay
);
ALTER TABLE procrastinate_events RESET (autovacuum_analyze_scale_factor, autovacuum_vacuum_scale_factor);
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [("procrastinate", "0041_post_retry_failed_job")]

    operations = [
        migrations.CreateModel(
            name="Failure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("job_id", models.BigIntegerField(db_index=True)),
                ("name", models.CharField(max_length=128)),
                ("attempt", models.IntegerField()),
                ("final", models.BooleanField()),
                ("error", models.CharField(max_length=300)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Scheduled",
            fields=[
                ("name", models.CharField(max_length=128, primary_key=True, serialize=False)),
                ("last_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(AUTOVACUUM, UNDO),
    ]
