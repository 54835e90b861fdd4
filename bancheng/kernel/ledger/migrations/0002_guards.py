"""The guards of the ledger: entries whole at commit, nothing recorded ever changed, a hold released once."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION ledger_entry_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) <> NEW.lines OR sum(amount) <> 0 FROM ledger_posting WHERE entry_id = NEW.id) THEN
        RAISE EXCEPTION 'an entry has all its lines and they sum to zero'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'an_entry_is_whole';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER an_entry_is_whole AFTER INSERT ON ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_is_whole();
-- the one above looks at commit; this one, that no line is written but together with all others of its entry
CREATE FUNCTION ledger_lines_come_together() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT entry_id FROM fresh) AS came JOIN ledger_entry AS entry ON entry.id = came.entry_id
        WHERE entry.lines <> (SELECT count(*) FROM ledger_posting AS line WHERE line.entry_id = entry.id)
    ) THEN
        RAISE EXCEPTION 'an entry has all its lines and they come together'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'lines_come_together';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER lines_come_together AFTER INSERT ON ledger_posting
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_lines_come_together();

CREATE FUNCTION ledger_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is recorded stays; a mistake is undone by another entry' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER an_entry_stays BEFORE UPDATE OR DELETE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_stays();
CREATE TRIGGER a_line_stays BEFORE UPDATE OR DELETE ON ledger_posting FOR EACH ROW EXECUTE FUNCTION ledger_stays();
CREATE TRIGGER an_account_is_never_removed BEFORE DELETE ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_stays();
CREATE TRIGGER an_account_stays_what_it_is BEFORE UPDATE ON ledger_account FOR EACH ROW
    WHEN ((OLD.region, OLD.path, OLD.unit, OLD.normal, OLD.floor, OLD.opened_at)
        IS DISTINCT FROM (NEW.region, NEW.path, NEW.unit, NEW.normal, NEW.floor, NEW.opened_at))
    EXECUTE FUNCTION ledger_stays();
CREATE TRIGGER a_hold_is_never_removed BEFORE DELETE ON ledger_hold FOR EACH ROW EXECUTE FUNCTION ledger_stays();
CREATE TRIGGER a_hold_is_released_once BEFORE UPDATE ON ledger_hold FOR EACH ROW
    WHEN (OLD.released_at IS NOT NULL OR (OLD.region, OLD.key, OLD.account_id, OLD.amount, OLD.about, OLD.at)
        IS DISTINCT FROM (NEW.region, NEW.key, NEW.account_id, NEW.amount, NEW.about, NEW.at))
    EXECUTE FUNCTION ledger_stays();

ALTER TABLE ledger_account SET (fillfactor = 70); -- a hot balance is updated in its own page
"""

UNDO = """
DROP TRIGGER a_hold_is_released_once ON ledger_hold;
DROP TRIGGER a_hold_is_never_removed ON ledger_hold;
DROP TRIGGER an_account_stays_what_it_is ON ledger_account;
DROP TRIGGER an_account_is_never_removed ON ledger_account;
DROP TRIGGER a_line_stays ON ledger_posting;
DROP TRIGGER an_entry_stays ON ledger_entry;
DROP FUNCTION ledger_stays();
DROP TRIGGER lines_come_together ON ledger_posting;
DROP FUNCTION ledger_lines_come_together();
DROP TRIGGER an_entry_is_whole ON ledger_entry;
DROP FUNCTION ledger_entry_is_whole();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL(GUARDS, UNDO)]
