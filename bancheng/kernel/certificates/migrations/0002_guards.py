"""The database refuses what no code of ours does: rewriting or removing a certificate. Only the seal over its file may be renewed."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION certificates_stay_as_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a certificate stays as it was made: rows are added, never changed or removed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER certificate_is_never_removed BEFORE DELETE ON certificates_certificate
    FOR EACH STATEMENT EXECUTE FUNCTION certificates_stay_as_made();
CREATE TRIGGER certificate_stays_as_made BEFORE UPDATE ON certificates_certificate
    FOR EACH ROW WHEN (to_jsonb(OLD) - 'file_sealed' IS DISTINCT FROM to_jsonb(NEW) - 'file_sealed')
    EXECUTE FUNCTION certificates_stay_as_made();
"""

UNGUARD = """
DROP TRIGGER certificate_stays_as_made ON certificates_certificate;
DROP TRIGGER certificate_is_never_removed ON certificates_certificate;
DROP FUNCTION certificates_stay_as_made();
"""


class Migration(migrations.Migration):
    dependencies = [("certificates", "0001_initial")]
    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
