"""The sequence that positions come from, and the guard that an event stays what it was."""

from django.db import migrations

ORDER = """
CREATE SEQUENCE exchange_position;

CREATE FUNCTION exchange_event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an event stays what it was: it gets a position once, and nothing else of it changes' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER event_stays_what_it_was BEFORE UPDATE ON exchange_event
    FOR EACH ROW WHEN (OLD.position IS NOT NULL
        OR (OLD.region, OLD.service, OLD.kind, OLD.unit, OLD.owner, OLD.about, OLD.data, OLD.at, OLD.xid)
        IS DISTINCT FROM (NEW.region, NEW.service, NEW.kind, NEW.unit, NEW.owner, NEW.about, NEW.data, NEW.at, NEW.xid))
    EXECUTE FUNCTION exchange_event_stays();
"""

UNDO = """
DROP TRIGGER event_stays_what_it_was ON exchange_event;
DROP FUNCTION exchange_event_stays();
DROP SEQUENCE exchange_position;
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial")]
    operations = [migrations.RunSQL(ORDER, UNDO)]
