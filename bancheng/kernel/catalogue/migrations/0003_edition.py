"""The edition: one row, and a trigger on each table of the pack that gives it another number. Other parts watch their own tables by it."""

from django.db import migrations, models

TABLES = ("city", "domain", "area", "unit", "unitarea", "licencetype", "outlet", "matter", "matteroutlet")
WATCH = """
CREATE FUNCTION catalogue_another_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalogue_edition (id, number) VALUES (1, gen_random_uuid()) ON CONFLICT (id) DO UPDATE SET number = excluded.number;
    RETURN NULL;
END $$;
INSERT INTO catalogue_edition (id, number) VALUES (1, gen_random_uuid());
"""


def watch(table: str) -> migrations.RunSQL:
    """Let every statement that writes `table` give another edition."""
    return migrations.RunSQL(
        f"CREATE TRIGGER another_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION catalogue_another_edition()",
        f"DROP TRIGGER another_edition ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0002_concerns_of_matters")]
    operations = [
        migrations.CreateModel(
            name="Edition",
            fields=[
                ("id", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("number", models.UUIDField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_edition"),
                ]
            },
        ),
        migrations.RunSQL(WATCH, "DROP FUNCTION catalogue_another_edition()"),
        *(watch(f"catalogue_{name}") for name in TABLES),
    ]
