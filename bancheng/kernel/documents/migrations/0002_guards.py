"""The database refuses what no code of ours does: a use that is turned into another, a document that becomes something else."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION documents_stay_what_they_are() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows stay what they are', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER document_use_is_only_ended BEFORE UPDATE OF id, region, document_id, about, material, by, at ON documents_use
    FOR EACH ROW WHEN ((OLD.id, OLD.region, OLD.document_id, OLD.about, OLD.material, OLD.by, OLD.at)
        IS DISTINCT FROM (NEW.id, NEW.region, NEW.document_id, NEW.about, NEW.material, NEW.by, NEW.at))
    EXECUTE FUNCTION documents_stay_what_they_are();
CREATE TRIGGER document_use_stays_ended BEFORE UPDATE OF ended_at ON documents_use
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL AND OLD.ended_at IS DISTINCT FROM NEW.ended_at)
    EXECUTE FUNCTION documents_stay_what_they_are();
CREATE TRIGGER document_stays_what_it_is BEFORE UPDATE OF id, region, kind, size, pages, stored_at ON documents_document
    FOR EACH ROW WHEN ((OLD.id, OLD.region, OLD.kind, OLD.size, OLD.pages, OLD.stored_at)
        IS DISTINCT FROM (NEW.id, NEW.region, NEW.kind, NEW.size, NEW.pages, NEW.stored_at))
    EXECUTE FUNCTION documents_stay_what_they_are();
"""

UNGUARD = """
DROP TRIGGER document_use_is_only_ended ON documents_use;
DROP TRIGGER document_use_stays_ended ON documents_use;
DROP TRIGGER document_stays_what_it_is ON documents_document;
DROP FUNCTION documents_stay_what_they_are();
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]
    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
