"""The guards of the book: shares whole after every statement, nothing recorded ever changed, ranks and queues without gap or tie."""

from django.db import migrations

GUARDS = """
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- I12: for one subject no two statements hold for the same time as known at the same time
ALTER TABLE titles_entry ADD CONSTRAINT one_truth_at_a_time EXCLUDE USING gist (
    parcel_id WITH =, subject WITH =,
    tstzrange(valid_from, valid_until) WITH &&, tstzrange(recorded_from, recorded_until) WITH &&
);
-- I6, I7: judged at commit, for whoever moves up passes through the place of another
ALTER TABLE titles_coverage ADD CONSTRAINT one_mortgage_of_a_rank EXCLUDE USING btree (lot_id WITH =, rank WITH =)
    WHERE (open AND kind IN ('mortgage', 'pre_mortgage')) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE titles_coverage ADD CONSTRAINT one_seizure_of_a_place EXCLUDE USING btree (lot_id WITH =, rank WITH =)
    WHERE (open AND kind = 'seizure') DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE titles_coverage ADD CONSTRAINT one_effective_seizure_of_a_lot EXCLUDE USING btree (lot_id WITH =)
    WHERE (open AND kind = 'seizure' AND state = 'effective') DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE titles_coverage ADD CONSTRAINT the_first_seizure_is_the_effective_one CHECK (
    NOT open OR kind <> 'seizure' OR (rank = 1) = (state = 'effective')
);

-- I1, I2, I3: the shares of a parcel are its area, a building's are its envelope, and only leaves hold land
CREATE FUNCTION titles_shares_of(parcel uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT coalesce(sum(dm2), 0) FROM titles_lot WHERE parcel_id = parcel AND open)
        <> (SELECT CASE WHEN closed_at IS NULL THEN area_dm2 ELSE 0 END FROM titles_parcel WHERE id = parcel) THEN
        RAISE EXCEPTION 'the shares of a parcel are its area'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'shares_are_the_area';
    END IF;
    IF EXISTS (SELECT FROM titles_lot AS lot JOIN titles_lot AS parent ON parent.id = lot.parent_id
        WHERE lot.parcel_id = parcel AND parent.open AND lot.open) THEN
        RAISE EXCEPTION 'only leaves are open' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'only_leaves_are_open';
    END IF;
    IF EXISTS (
        SELECT FROM titles_lot AS building WHERE building.parcel_id = parcel AND building.envelope_dm2 IS NOT NULL
            AND building.envelope_dm2 <> CASE WHEN building.open THEN building.dm2
                ELSE coalesce((SELECT sum(unit.dm2) FROM titles_lot AS unit WHERE unit.parent_id = building.id), 0) END
    ) THEN
        RAISE EXCEPTION 'the shares of a building are its envelope'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'units_are_the_envelope';
    END IF;
END $$;
CREATE FUNCTION titles_shares_are_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM titles_shares_of(parcel_id) FROM (SELECT DISTINCT parcel_id FROM fresh) AS changed;
    RETURN NULL;
END $$;
CREATE TRIGGER shares_are_whole_after_adding AFTER INSERT ON titles_lot REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION titles_shares_are_whole();
CREATE TRIGGER shares_are_whole_after_moving AFTER UPDATE ON titles_lot REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION titles_shares_are_whole();
CREATE FUNCTION titles_parcel_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM titles_shares_of(NEW.id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER a_parcel_is_whole AFTER INSERT OR UPDATE OF area_dm2, closed_at ON titles_parcel
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION titles_parcel_is_whole();

-- I4: fractions of a holding sum to one, and it has all its members
CREATE FUNCTION titles_holding_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held record;
    found record;
BEGIN
    SELECT * INTO held FROM titles_holding WHERE id = coalesce((to_jsonb(NEW) ->> 'holding_id')::bigint, (to_jsonb(NEW) ->> 'id')::bigint);
    SELECT count(*) AS members, count(num) AS shares, coalesce(sum(num), 0) AS total INTO found FROM titles_member WHERE holding_id = held.id;
    IF found.members <> held.size OR (held.joint AND found.shares > 0)
        OR (NOT held.joint AND (found.shares <> found.members OR found.total <> held.den)) THEN
        RAISE EXCEPTION 'the fractions of a holding sum to one'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'fractions_are_one';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER a_holding_is_whole AFTER INSERT ON titles_holding
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION titles_holding_is_whole();
CREATE CONSTRAINT TRIGGER a_member_belongs AFTER INSERT ON titles_member
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION titles_holding_is_whole();

-- I10: a registered house's holder is the holder of its lot, for they are one row: whoever holds a unit holds it whole

-- I11: what is recorded stays
CREATE FUNCTION titles_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is recorded in the register stays; a mistake is corrected by another entry'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'what_is_recorded_stays';
END $$;
CREATE TRIGGER an_act_stays BEFORE UPDATE OR DELETE ON titles_act FOR EACH ROW EXECUTE FUNCTION titles_stays();
CREATE TRIGGER a_survey_stays BEFORE UPDATE OR DELETE ON titles_survey FOR EACH ROW EXECUTE FUNCTION titles_stays();
CREATE TRIGGER a_holding_stays BEFORE UPDATE OR DELETE ON titles_holding FOR EACH ROW EXECUTE FUNCTION titles_stays();
CREATE TRIGGER a_member_stays BEFORE UPDATE OR DELETE ON titles_member FOR EACH ROW EXECUTE FUNCTION titles_stays();
CREATE TRIGGER a_plan_line_stays BEFORE UPDATE OR DELETE ON titles_planrow FOR EACH ROW EXECUTE FUNCTION titles_stays();
CREATE TRIGGER an_entry_is_never_removed BEFORE DELETE ON titles_entry FOR EACH ROW EXECUTE FUNCTION titles_stays();
CREATE TRIGGER an_entry_is_replaced_once BEFORE UPDATE ON titles_entry FOR EACH ROW
    WHEN (OLD.recorded_until IS NOT NULL OR NEW.recorded_until IS NULL
        OR (OLD.id, OLD.region, OLD.parcel_id, OLD.act_id, OLD.number, OLD.subject, OLD.kind, OLD.lot_id, OLD.right_id, OLD.state, OLD.rank,
            OLD.dm2, OLD.holding_id, OLD.detail, OLD.valid_from, OLD.valid_until, OLD.recorded_from)
        IS DISTINCT FROM (NEW.id, NEW.region, NEW.parcel_id, NEW.act_id, NEW.number, NEW.subject, NEW.kind, NEW.lot_id, NEW.right_id,
            NEW.state, NEW.rank, NEW.dm2, NEW.holding_id, NEW.detail, NEW.valid_from, NEW.valid_until, NEW.recorded_from))
    EXECUTE FUNCTION titles_stays();
CREATE TRIGGER a_parcel_is_never_removed BEFORE DELETE ON titles_parcel FOR EACH ROW EXECUTE FUNCTION titles_stays();
CREATE TRIGGER a_lot_is_never_removed BEFORE DELETE ON titles_lot FOR EACH ROW EXECUTE FUNCTION titles_stays();
CREATE TRIGGER a_right_is_never_removed BEFORE DELETE ON titles_right FOR EACH ROW EXECUTE FUNCTION titles_stays();
CREATE TRIGGER a_coverage_is_never_removed BEFORE DELETE ON titles_coverage FOR EACH ROW EXECUTE FUNCTION titles_stays();
CREATE TRIGGER a_closed_coverage_stays BEFORE UPDATE ON titles_coverage FOR EACH ROW WHEN (NOT OLD.open) EXECUTE FUNCTION titles_stays();
CREATE TRIGGER a_codes_lot_stays_its_own BEFORE UPDATE ON titles_lot FOR EACH ROW
    WHEN ((OLD.id, OLD.region, OLD.parcel_id, OLD.parent_id, OLD.code, OLD.kind)
        IS DISTINCT FROM (NEW.id, NEW.region, NEW.parcel_id, NEW.parent_id, NEW.code, NEW.kind))
    EXECUTE FUNCTION titles_stays();
CREATE TRIGGER an_approved_plan_stays BEFORE UPDATE ON titles_shareplan FOR EACH ROW
    WHEN (OLD.state <> 'draft' AND (to_jsonb(OLD) - 'state') IS DISTINCT FROM (to_jsonb(NEW) - 'state'))
    EXECUTE FUNCTION titles_stays();
"""

UNDO = """
DROP FUNCTION titles_shares_of(uuid);
DROP FUNCTION titles_shares_are_whole() CASCADE;
DROP FUNCTION titles_parcel_is_whole() CASCADE;
DROP FUNCTION titles_holding_is_whole() CASCADE;
DROP FUNCTION titles_stays() CASCADE;
ALTER TABLE titles_entry DROP CONSTRAINT one_truth_at_a_time;
ALTER TABLE titles_coverage DROP CONSTRAINT one_mortgage_of_a_rank, DROP CONSTRAINT one_seizure_of_a_place,
    DROP CONSTRAINT one_effective_seizure_of_a_lot, DROP CONSTRAINT the_first_seizure_is_the_effective_one;
"""


class Migration(migrations.Migration):
    dependencies = [("titles", "0001_initial")]
    operations = [migrations.RunSQL(GUARDS, UNDO)]
