"""The database refuses what no code of ours does: rewriting a call, an amount, or what became of a refund."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION payments_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: what was written down stays', TG_NAME USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END $$;
-- a seal may be renewed under a newer key, nothing else
CREATE TRIGGER a_call_stays_as_it_came BEFORE DELETE OR UPDATE OF region, channel, notice, number, told, at ON payments_callback
    FOR EACH ROW EXECUTE FUNCTION payments_stays();
CREATE TRIGGER a_finding_stays BEFORE DELETE OR UPDATE OF region, refund_id, succeeded, why, found_by, found_at ON payments_finding
    FOR EACH ROW EXECUTE FUNCTION payments_stays();
CREATE TRIGGER an_order_is_never_removed BEFORE DELETE ON payments_order FOR EACH ROW EXECUTE FUNCTION payments_stays();
CREATE TRIGGER an_order_stays_what_it_is BEFORE UPDATE ON payments_order FOR EACH ROW
    WHEN ((OLD.region, OLD.key, OLD.channel, OLD.amount_fen, OLD.created_at) IS DISTINCT FROM
          (NEW.region, NEW.key, NEW.channel, NEW.amount_fen, NEW.created_at)
          OR (OLD.state IN ('paid', 'late') AND NEW.state <> OLD.state))
    EXECUTE FUNCTION payments_stays();
CREATE TRIGGER a_refund_is_never_removed BEFORE DELETE ON payments_refund FOR EACH ROW EXECUTE FUNCTION payments_stays();
CREATE TRIGGER a_refund_stays_what_it_is BEFORE UPDATE ON payments_refund FOR EACH ROW
    WHEN ((OLD.region, OLD.key, OLD.order_id, OLD.counter, OLD.amount_fen) IS DISTINCT FROM
          (NEW.region, NEW.key, NEW.order_id, NEW.counter, NEW.amount_fen)
          OR (OLD.state IN ('success', 'closed') AND NEW.state <> OLD.state))
    EXECUTE FUNCTION payments_stays();
"""

UNGUARD = """
DROP TRIGGER a_refund_stays_what_it_is ON payments_refund;
DROP TRIGGER a_refund_is_never_removed ON payments_refund;
DROP TRIGGER an_order_stays_what_it_is ON payments_order;
DROP TRIGGER an_order_is_never_removed ON payments_order;
DROP TRIGGER a_call_stays_as_it_came ON payments_callback;
DROP TRIGGER a_finding_stays ON payments_finding;
DROP FUNCTION payments_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_finding")]
    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
