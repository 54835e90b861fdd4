"""The database refuses what no code of ours does: rewriting what was said, moving a rating to another service or unit, judging oneself."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION ratings_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: rows are added, never changed or removed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER ratings_are_only_added BEFORE DELETE OR UPDATE OF region, occasion_id, seq, grade, tags, at ON ratings_rating
    FOR EACH STATEMENT EXECUTE FUNCTION ratings_only_added();
CREATE TRIGGER call_back_log_is_only_added BEFORE DELETE OR UPDATE OF region, call_back_id, seq, act, by, at, law ON ratings_callbackline
    FOR EACH STATEMENT EXECUTE FUNCTION ratings_only_added();
CREATE TRIGGER appeal_log_is_only_added BEFORE DELETE OR UPDATE OF region, appeal_id, seq, state, by, at ON ratings_appealline
    FOR EACH STATEMENT EXECUTE FUNCTION ratings_only_added();
CREATE TRIGGER occasions_are_never_removed BEFORE DELETE ON ratings_occasion
    FOR EACH STATEMENT EXECUTE FUNCTION ratings_only_added();

CREATE FUNCTION ratings_stays_what_it_is() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a rating stays with its service: region, thing, matter, unit and who did the work never change' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER occasion_stays_what_it_is BEFORE UPDATE OF region, about, service, matter, unit, mode, handlers, token, opened_at ON ratings_occasion
    FOR EACH ROW WHEN ((OLD.region, OLD.about, OLD.service, OLD.matter, OLD.unit, OLD.mode, OLD.handlers, OLD.token, OLD.opened_at)
        IS DISTINCT FROM (NEW.region, NEW.about, NEW.service, NEW.matter, NEW.unit, NEW.mode, NEW.handlers, NEW.token, NEW.opened_at))
    EXECUTE FUNCTION ratings_stays_what_it_is();

ALTER TABLE ratings_appeal ADD CONSTRAINT nobody_reviews_a_rating_of_himself
    CHECK (NOT (decided_by = ANY(rated)) AND NOT (again_by = ANY(rated)));
"""

UNGUARD = """
ALTER TABLE ratings_appeal DROP CONSTRAINT nobody_reviews_a_rating_of_himself;
DROP TRIGGER ratings_are_only_added ON ratings_rating;
DROP TRIGGER call_back_log_is_only_added ON ratings_callbackline;
DROP TRIGGER appeal_log_is_only_added ON ratings_appealline;
DROP TRIGGER occasions_are_never_removed ON ratings_occasion;
DROP TRIGGER occasion_stays_what_it_is ON ratings_occasion;
DROP FUNCTION ratings_only_added();
DROP FUNCTION ratings_stays_what_it_is();
"""


class Migration(migrations.Migration):
    dependencies = [("ratings", "0001_initial")]
    operations = [migrations.RunSQL(GUARDS, UNGUARD)]
