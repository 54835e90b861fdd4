"""The database refuses what no code of ours does: forgetting what was held against somebody, or rewriting it."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION credit_only_repaired() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is held against somebody is repaired, never removed or rewritten' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER marks_are_only_repaired BEFORE DELETE OR UPDATE OF region, kind, about, unit, reason, law, noted_by, noted_at ON credit_mark
    FOR EACH STATEMENT EXECUTE FUNCTION credit_only_repaired();
"""

UNGUARD = """
DROP TRIGGER marks_are_only_repaired ON credit_mark;
DROP FUNCTION credit_only_repaired();
"""


class Migration(migrations.Migration):
    dependencies = [("credit", "0001_initial")]
    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
