"""Sequences that wait for nobody, and what the database refuses: rewriting a log, a consent, a certificate, an enquiry; reusing a number."""

from django.db import migrations

SEQUENCES = """
CREATE SEQUENCE registrations_number;
CREATE SEQUENCE registrations_accepted;
CREATE SEQUENCE registrations_moved;
"""

GUARDS = """
CREATE FUNCTION registrations_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: rows are added, never changed or removed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER registration_log_is_only_added BEFORE DELETE OR UPDATE OF region, application_id, seq, act, state, by, at, channel, law, detail
    ON registrations_line FOR EACH STATEMENT EXECUTE FUNCTION registrations_only_added();
CREATE TRIGGER registration_parties_are_only_added BEFORE DELETE OR UPDATE OF region, application_id, seq, role, kind, name, unit, married,
    spouse_of, asked ON registrations_party FOR EACH STATEMENT EXECUTE FUNCTION registrations_only_added();
CREATE TRIGGER registration_papers_are_only_added BEFORE DELETE OR UPDATE ON registrations_paper
    FOR EACH STATEMENT EXECUTE FUNCTION registrations_only_added();
CREATE TRIGGER consents_are_only_added BEFORE DELETE OR UPDATE ON registrations_consent
    FOR EACH STATEMENT EXECUTE FUNCTION registrations_only_added();
CREATE TRIGGER certificates_are_only_added BEFORE DELETE OR UPDATE OF region, application_id, registry, kind, year, seq, number, code, subject,
    lots, unit, allotted_at ON registrations_certificate FOR EACH STATEMENT EXECUTE FUNCTION registrations_only_added();
CREATE TRIGGER certificate_files_are_only_added BEFORE DELETE OR UPDATE OF region, certificate_id, digest, size, sample, seal_digest, made_at,
    stamped_at ON registrations_certificatefile FOR EACH STATEMENT EXECUTE FUNCTION registrations_only_added();
CREATE TRIGGER certificates_end_once BEFORE DELETE OR UPDATE ON registrations_certificateend
    FOR EACH STATEMENT EXECUTE FUNCTION registrations_only_added();
CREATE TRIGGER enquiries_are_only_added BEFORE DELETE OR UPDATE OF region, lot, by, interest, purpose, answered, at ON registrations_enquiry
    FOR EACH STATEMENT EXECUTE FUNCTION registrations_only_added();
CREATE TRIGGER applications_are_never_removed BEFORE DELETE ON registrations_application
    FOR EACH STATEMENT EXECUTE FUNCTION registrations_only_added();

CREATE FUNCTION registrations_series_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a series of certificate numbers only grows' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER a_series_only_grows BEFORE UPDATE ON registrations_series
    FOR EACH ROW WHEN (NEW.last < OLD.last) EXECUTE FUNCTION registrations_series_grows();

CREATE FUNCTION registrations_stays_recorded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is recorded stays recorded: when, by whom and as which entries' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER what_is_recorded_stays BEFORE UPDATE ON registrations_application
    FOR EACH ROW WHEN (OLD.recorded_at IS NOT NULL AND (OLD.recorded_at, OLD.recorded_by, OLD.entries, OLD.right, OLD.payload, OLD.number)
        IS DISTINCT FROM (NEW.recorded_at, NEW.recorded_by, NEW.entries, NEW.right, NEW.payload, NEW.number))
    EXECUTE FUNCTION registrations_stays_recorded();
"""

UNGUARD = """
DROP TRIGGER registration_log_is_only_added ON registrations_line;
DROP TRIGGER registration_parties_are_only_added ON registrations_party;
DROP TRIGGER registration_papers_are_only_added ON registrations_paper;
DROP TRIGGER consents_are_only_added ON registrations_consent;
DROP TRIGGER certificates_are_only_added ON registrations_certificate;
DROP TRIGGER certificate_files_are_only_added ON registrations_certificatefile;
DROP TRIGGER certificates_end_once ON registrations_certificateend;
DROP TRIGGER enquiries_are_only_added ON registrations_enquiry;
DROP TRIGGER applications_are_never_removed ON registrations_application;
DROP TRIGGER a_series_only_grows ON registrations_series;
DROP TRIGGER what_is_recorded_stays ON registrations_application;
DROP FUNCTION registrations_only_added();
DROP FUNCTION registrations_series_grows();
DROP FUNCTION registrations_stays_recorded();
"""

UNSEQUENCE = "DROP SEQUENCE registrations_number; DROP SEQUENCE registrations_accepted; DROP SEQUENCE registrations_moved;"


class Migration(migrations.Migration):
    dependencies = [("registrations", "0001_initial")]
    operations = [migrations.RunSQL(SEQUENCES, UNSEQUENCE), migrations.RunSQL(GUARDS, UNGUARD)]
