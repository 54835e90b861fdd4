"""The database refuses what no code of ours does: rewriting history, and moving a licence to another region."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION licences_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: rows are added, never changed or removed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER licence_history_is_only_added BEFORE UPDATE OR DELETE ON licences_licenceversion
    FOR EACH STATEMENT EXECUTE FUNCTION licences_only_added();
CREATE TRIGGER licence_reuse_is_only_added BEFORE UPDATE OR DELETE ON licences_licencereuse
    FOR EACH STATEMENT EXECUTE FUNCTION licences_only_added();

CREATE FUNCTION licences_stays_in_region() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a licence stays what it is: region, type and number never change' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER licence_stays_in_region BEFORE UPDATE OF region, licence_type, number ON licences_licence
    FOR EACH ROW WHEN ((OLD.region, OLD.licence_type, OLD.number) IS DISTINCT FROM (NEW.region, NEW.licence_type, NEW.number))
    EXECUTE FUNCTION licences_stays_in_region();
"""

UNGUARD = """
DROP TRIGGER licence_history_is_only_added ON licences_licenceversion;
DROP TRIGGER licence_reuse_is_only_added ON licences_licencereuse;
DROP TRIGGER licence_stays_in_region ON licences_licence;
DROP FUNCTION licences_only_added();
DROP FUNCTION licences_stays_in_region();
"""


class Migration(migrations.Migration):
    dependencies = [("licences", "0001_initial")]
    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
