"""A parcel is added up when land moves in it, and not when a lot only changes hands: a building handed over costs no sum of its parcel.

What the sums are made of is a lot's share, its envelope and whether it is open, the parcel's area and whether it is closed; a lot's parent
never changes.
"""

from django.db import migrations

MOVES = """
DROP TRIGGER shares_are_whole_after_adding ON titles_lot;
DROP TRIGGER shares_are_whole_after_moving ON titles_lot;
DROP TRIGGER a_parcel_is_whole ON titles_parcel;
DROP FUNCTION titles_shares_are_whole();

CREATE FUNCTION titles_added_shares_are_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM titles_shares_of(parcel_id) FROM (
        SELECT DISTINCT parcel_id FROM fresh WHERE open OR dm2 <> 0 OR envelope_dm2 IS NOT NULL
    ) AS changed;
    RETURN NULL;
END $$;
CREATE TRIGGER shares_are_whole_after_adding AFTER INSERT ON titles_lot REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION titles_added_shares_are_whole();

CREATE FUNCTION titles_moved_shares_are_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM titles_shares_of(parcel_id) FROM (
        SELECT DISTINCT fresh.parcel_id FROM fresh JOIN stood ON stood.id = fresh.id
        WHERE (fresh.dm2, fresh.open, fresh.envelope_dm2) IS DISTINCT FROM (stood.dm2, stood.open, stood.envelope_dm2)
    ) AS changed;
    RETURN NULL;
END $$;
CREATE TRIGGER shares_are_whole_after_moving AFTER UPDATE ON titles_lot REFERENCING OLD TABLE AS stood NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION titles_moved_shares_are_whole();

CREATE CONSTRAINT TRIGGER a_parcel_begins_whole AFTER INSERT ON titles_parcel
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION titles_parcel_is_whole();
CREATE CONSTRAINT TRIGGER a_parcel_is_whole AFTER UPDATE ON titles_parcel
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.area_dm2, OLD.closed_at) IS DISTINCT FROM (NEW.area_dm2, NEW.closed_at))
    EXECUTE FUNCTION titles_parcel_is_whole();
"""
EACH_TIME = """
DROP TRIGGER shares_are_whole_after_adding ON titles_lot;
DROP TRIGGER shares_are_whole_after_moving ON titles_lot;
DROP TRIGGER a_parcel_begins_whole ON titles_parcel;
DROP TRIGGER a_parcel_is_whole ON titles_parcel;
DROP FUNCTION titles_added_shares_are_whole();
DROP FUNCTION titles_moved_shares_are_whole();
CREATE FUNCTION titles_shares_are_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM titles_shares_of(parcel_id) FROM (SELECT DISTINCT parcel_id FROM fresh) AS changed;
    RETURN NULL;
END $$;
CREATE TRIGGER shares_are_whole_after_adding AFTER INSERT ON titles_lot REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION titles_shares_are_whole();
CREATE TRIGGER shares_are_whole_after_moving AFTER UPDATE ON titles_lot REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION titles_shares_are_whole();
CREATE CONSTRAINT TRIGGER a_parcel_is_whole AFTER INSERT OR UPDATE OF area_dm2, closed_at ON titles_parcel
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION titles_parcel_is_whole();
"""


class Migration(migrations.Migration):
    dependencies = [("titles", "0003_one_truth_by_hash")]
    operations = [migrations.RunSQL(MOVES, EACH_TIME)]
