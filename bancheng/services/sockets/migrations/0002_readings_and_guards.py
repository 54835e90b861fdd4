"""The log of the devices, partitioned by day, and what the database refuses whoever asks: changing the log, reopening what has ended,
another first cause."""

from django.db import migrations

READINGS = """
CREATE TABLE sockets_reading (
    region varchar(6) NOT NULL,
    gateway varchar(32) NOT NULL,
    wire varchar(32) NOT NULL,
    boot bigint NOT NULL,
    seq bigint NOT NULL,
    day date NOT NULL,
    up_ms bigint NOT NULL,
    ts_ms bigint NOT NULL,
    received_at timestamptz NOT NULL,
    meter varchar(12) NOT NULL,
    session varchar(36) NOT NULL,
    e_10wh integer NOT NULL CHECK (e_10wh BETWEEN 0 AND 99999999),
    u_dv integer,
    i_ma integer,
    p_w integer,
    t_dc integer,
    flags integer,
    kind varchar(16) NOT NULL,
    code varchar(24) NOT NULL,
    closed boolean,
    value bigint,
    PRIMARY KEY (region, gateway, wire, boot, seq, day)
) PARTITION BY RANGE (day);
CREATE TABLE sockets_reading_default PARTITION OF sockets_reading DEFAULT;
"""

GUARDS = """
CREATE FUNCTION sockets_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: rows are added, never changed or removed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER readings_are_only_added BEFORE UPDATE OR DELETE ON sockets_reading
    FOR EACH ROW EXECUTE FUNCTION sockets_only_added();
CREATE TRIGGER segments_are_only_added BEFORE UPDATE OR DELETE ON sockets_segment
    FOR EACH ROW EXECUTE FUNCTION sockets_only_added();
CREATE TRIGGER sessions_are_never_removed BEFORE DELETE ON sockets_session
    FOR EACH ROW EXECUTE FUNCTION sockets_only_added();

-- a day's partition goes whole, after its time: what was billed stays in the segments
CREATE FUNCTION sockets_open_day(wanted date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    part text := 'sockets_reading_' || to_char(wanted, 'YYYYMMDD');
BEGIN
    IF to_regclass(part) IS NOT NULL OR EXISTS (SELECT FROM sockets_reading_default WHERE day = wanted) THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I PARTITION OF sockets_reading FOR VALUES FROM (%L) TO (%L)', part, wanted, wanted + 1);
    RETURN true;
END $$;
SELECT sockets_open_day((now() AT TIME ZONE 'Asia/Shanghai')::date + n) FROM generate_series(-1, 7) AS n;

CREATE FUNCTION sockets_closed_stays_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('closed', 'expired') THEN
        RAISE EXCEPTION 'session % has ended: nothing of it changes any more', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.cause <> '' AND NEW.cause <> OLD.cause THEN
        RAISE EXCEPTION 'session % ended by %: the first cause stands', OLD.id, OLD.cause USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.cost_fen IS NOT NULL AND NEW.cost_fen IS DISTINCT FROM OLD.cost_fen THEN
        RAISE EXCEPTION 'session % is settled at % fen', OLD.id, OLD.cost_fen USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (OLD.region, OLD.socket_id, OLD.token_hash, OLD.prepay_fen, OLD.created_at)
        IS DISTINCT FROM (NEW.region, NEW.socket_id, NEW.token_hash, NEW.prepay_fen, NEW.created_at) THEN
        RAISE EXCEPTION 'session % stays with its socket and its payer', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER closed_stays_closed BEFORE UPDATE ON sockets_session
    FOR EACH ROW EXECUTE FUNCTION sockets_closed_stays_closed();
"""

UNDO = """
DROP TRIGGER closed_stays_closed ON sockets_session;
DROP FUNCTION sockets_closed_stays_closed();
DROP TRIGGER sessions_are_never_removed ON sockets_session;
DROP TRIGGER segments_are_only_added ON sockets_segment;
DROP TABLE sockets_reading;
DROP FUNCTION sockets_open_day(date);
DROP FUNCTION sockets_only_added();
"""


class Migration(migrations.Migration):
    dependencies = [("sockets", "0001_initial")]
    operations = [migrations.RunSQL(READINGS, migrations.RunSQL.noop), migrations.RunSQL(GUARDS, UNDO)]
