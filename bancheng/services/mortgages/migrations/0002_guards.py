"""What the database refuses whoever asks: changing a line of custody or of a list, a signed agreement, or two agreements of a bank on one day."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION mortgages_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: rows are added, never changed or removed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER custody_is_only_added BEFORE UPDATE OR DELETE ON mortgages_custody
    FOR EACH ROW EXECUTE FUNCTION mortgages_only_added();
CREATE TRIGGER lists_are_only_added BEFORE UPDATE OR DELETE ON mortgages_listed
    FOR EACH ROW EXECUTE FUNCTION mortgages_only_added();
CREATE TRIGGER request_lines_are_only_added BEFORE UPDATE OR DELETE ON mortgages_requestline
    FOR EACH ROW EXECUTE FUNCTION mortgages_only_added();
CREATE TRIGGER bundles_are_never_removed BEFORE DELETE ON mortgages_bundle
    FOR EACH ROW EXECUTE FUNCTION mortgages_only_added();
CREATE TRIGGER findings_are_never_removed BEFORE DELETE ON mortgages_finding
    FOR EACH ROW EXECUTE FUNCTION mortgages_only_added();
CREATE TRIGGER inspections_stand BEFORE UPDATE OR DELETE ON mortgages_inspection
    FOR EACH ROW EXECUTE FUNCTION mortgages_only_added();
CREATE TRIGGER agreements_are_never_removed BEFORE DELETE ON mortgages_agreement
    FOR EACH ROW EXECUTE FUNCTION mortgages_only_added();

-- what was checked stays as it was found
CREATE FUNCTION mortgages_results_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.result <> '' THEN
        RAISE EXCEPTION 'result % stands: a second look is another inspection', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER results_stand BEFORE UPDATE ON mortgages_inspected
    FOR EACH ROW EXECUTE FUNCTION mortgages_results_stand();
CREATE TRIGGER results_are_never_removed BEFORE DELETE ON mortgages_inspected
    FOR EACH ROW EXECUTE FUNCTION mortgages_only_added();

CREATE FUNCTION mortgages_signed_agreements_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state <> 'proposed' AND
       to_jsonb(OLD) - '{state,ended_by,ended_at,why}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{state,ended_by,ended_at,why}'::text[] THEN
        RAISE EXCEPTION 'agreement % was signed: a change is another agreement', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state = 'signed' THEN
        PERFORM pg_advisory_xact_lock(hashtext('mortgages-agreement-' || NEW.region || NEW.bank));
        IF EXISTS (SELECT FROM mortgages_agreement a WHERE a.region = NEW.region AND a.bank = NEW.bank AND a.id <> NEW.id
                     AND a.state = 'signed' AND a.first_on <= NEW.last_on AND NEW.first_on <= a.last_on) THEN
            RAISE EXCEPTION 'one_agreement_of_a_bank_a_day' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signed_agreements_stand BEFORE INSERT OR UPDATE ON mortgages_agreement
    FOR EACH ROW EXECUTE FUNCTION mortgages_signed_agreements_stand();
"""

UNDO = """
DROP TRIGGER signed_agreements_stand ON mortgages_agreement;
DROP FUNCTION mortgages_signed_agreements_stand();
DROP TRIGGER results_are_never_removed ON mortgages_inspected;
DROP TRIGGER results_stand ON mortgages_inspected;
DROP FUNCTION mortgages_results_stand();
DROP TRIGGER agreements_are_never_removed ON mortgages_agreement;
DROP TRIGGER inspections_stand ON mortgages_inspection;
DROP TRIGGER findings_are_never_removed ON mortgages_finding;
DROP TRIGGER bundles_are_never_removed ON mortgages_bundle;
DROP TRIGGER request_lines_are_only_added ON mortgages_requestline;
DROP TRIGGER lists_are_only_added ON mortgages_listed;
DROP TRIGGER custody_is_only_added ON mortgages_custody;
DROP FUNCTION mortgages_only_added();
"""


class Migration(migrations.Migration):
    dependencies = [("mortgages", "0001_initial")]
    operations = [migrations.RunSQL(GUARDS, UNDO)]
