"""The database refuses what no code of ours does: rewriting a log or what was submitted, and moving a case to another region."""

from django.db import migrations

GUARDS = """
CREATE SEQUENCE cases_number;

CREATE FUNCTION cases_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: rows are added, never changed or removed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER case_log_is_only_added BEFORE UPDATE OR DELETE ON cases_caseaction
    FOR EACH STATEMENT EXECUTE FUNCTION cases_only_added();
CREATE TRIGGER submissions_are_only_added BEFORE DELETE OR UPDATE OF region, case_id, round, values, materials, form, by, at ON cases_submission
    FOR EACH STATEMENT EXECUTE FUNCTION cases_only_added();

CREATE FUNCTION cases_stays_what_it_is() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a case stays what it is: its region, number, key, bundle and flow never change' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER case_stays_what_it_is BEFORE UPDATE OF region, number, service, key, root_id, step, attempt, flow_id ON cases_case
    FOR EACH ROW WHEN ((OLD.region, OLD.number, OLD.service, OLD.key, OLD.root_id, OLD.step, OLD.attempt, OLD.flow_id)
        IS DISTINCT FROM (NEW.region, NEW.number, NEW.service, NEW.key, NEW.root_id, NEW.step, NEW.attempt, NEW.flow_id))
    EXECUTE FUNCTION cases_stays_what_it_is();
"""

UNGUARD = """
DROP TRIGGER case_log_is_only_added ON cases_caseaction;
DROP TRIGGER submissions_are_only_added ON cases_submission;
DROP TRIGGER case_stays_what_it_is ON cases_case;
DROP FUNCTION cases_only_added();
DROP FUNCTION cases_stays_what_it_is();
DROP SEQUENCE cases_number;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
