"""What the database refuses of places and prices: changing a price that was put forward, or where something stood before."""

from django.db import migrations

GUARDS = """
CREATE TRIGGER prices_are_only_added BEFORE UPDATE OR DELETE ON sockets_price
    FOR EACH ROW EXECUTE FUNCTION sockets_only_added();
CREATE TRIGGER moves_are_only_added BEFORE UPDATE OR DELETE ON sockets_sitemove
    FOR EACH ROW EXECUTE FUNCTION sockets_only_added();

CREATE FUNCTION sockets_decided_plans_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'proposed' AND to_jsonb(OLD) - 'confirmed' IS DISTINCT FROM to_jsonb(NEW) - 'confirmed' THEN
        RAISE EXCEPTION 'plan % was decided: a change is a new version', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decided_plans_stand BEFORE UPDATE ON sockets_plan
    FOR EACH ROW EXECUTE FUNCTION sockets_decided_plans_stand();
CREATE TRIGGER plans_are_never_removed BEFORE DELETE ON sockets_plan
    FOR EACH ROW EXECUTE FUNCTION sockets_only_added();
"""

UNDO = """
DROP TRIGGER plans_are_never_removed ON sockets_plan;
DROP TRIGGER decided_plans_stand ON sockets_plan;
DROP FUNCTION sockets_decided_plans_stand();
DROP TRIGGER moves_are_only_added ON sockets_sitemove;
DROP TRIGGER prices_are_only_added ON sockets_price;
"""


class Migration(migrations.Migration):
    dependencies = [("sockets", "0003_places")]
    operations = [migrations.RunSQL(GUARDS, UNDO)]
