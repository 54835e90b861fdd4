"""The database refuses what no code of ours does: rewriting what a draft said, or losing it while the draft is there.

Its sealed column alone may be written again: that is how values move to a new key.
"""

from django.db import migrations

GUARDS = """
CREATE FUNCTION forms_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM forms_draft WHERE id = OLD.draft_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'forms_draftchange is append-only: rows go with their draft and never before it' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER draft_history_stays BEFORE DELETE ON forms_draftchange
    FOR EACH ROW EXECUTE FUNCTION forms_only_added();
CREATE TRIGGER draft_history_is_only_added BEFORE UPDATE ON forms_draftchange
    FOR EACH ROW WHEN (
        (OLD.id, OLD.region, OLD.draft_id, OLD.version, OLD.elements, OLD.undoes, OLD.by, OLD.at)
        IS DISTINCT FROM (NEW.id, NEW.region, NEW.draft_id, NEW.version, NEW.elements, NEW.undoes, NEW.by, NEW.at)
    ) EXECUTE FUNCTION forms_only_added();
"""

UNGUARD = """
DROP TRIGGER draft_history_stays ON forms_draftchange;
DROP TRIGGER draft_history_is_only_added ON forms_draftchange;
DROP FUNCTION forms_only_added();
"""


class Migration(migrations.Migration):
    dependencies = [("forms", "0001_initial")]
    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
