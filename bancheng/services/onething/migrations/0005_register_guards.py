"""The database refuses what no code of ours does: a question to registers that is rewritten or removed.

Its hash follows a change of the hash key, so that one column may be written.
"""

from django.db import migrations

GUARDS = """
CREATE FUNCTION onething_register_questions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a question to registers stays what it was: rows are added, never changed or removed'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER register_question_stays BEFORE DELETE OR UPDATE OF
    id, region, registers, purpose, about, by, asked_at, source, as_of, entries, silent ON onething_registerquestion
    FOR EACH STATEMENT EXECUTE FUNCTION onething_register_questions_stay();
"""

UNGUARD = """
DROP TRIGGER register_question_stays ON onething_registerquestion;
DROP FUNCTION onething_register_questions_stay();
"""


class Migration(migrations.Migration):
    dependencies = [("onething", "0004_registers")]
    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
