"""The database refuses what no code of ours does: rewriting a letter that was written, or removing it."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION letters_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: rows are added, never changed or removed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER letters_are_only_added BEFORE DELETE OR UPDATE OF region, root, "case", seq, kind, code, number, title, title_en, unit,
    holder_shown, dated, file_digest, file_size, sample, seal_digest, made_at, stamped_at ON letters_letter
    FOR EACH STATEMENT EXECUTE FUNCTION letters_only_added();
"""

UNGUARD = """
DROP TRIGGER letters_are_only_added ON letters_letter;
DROP FUNCTION letters_only_added();
"""


class Migration(migrations.Migration):
    dependencies = [("letters", "0001_initial")]
    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
