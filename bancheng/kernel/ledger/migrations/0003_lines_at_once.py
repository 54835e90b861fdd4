"""Count the lines that come, not those that stand: all of an entry come by one statement, so the table need not be asked again."""

from django.db import migrations

LINES = """
CREATE OR REPLACE FUNCTION ledger_lines_come_together() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT entry_id, count(*) AS lines FROM fresh GROUP BY entry_id) AS came JOIN ledger_entry AS entry ON entry.id = came.entry_id
        WHERE entry.lines <> came.lines
    ) THEN
        RAISE EXCEPTION 'an entry has all its lines and they come together'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'lines_come_together';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_guards")]
    operations = [migrations.RunSQL(LINES, migrations.RunSQL.noop)]
