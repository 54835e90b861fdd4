"""The database's own guards: a row never moves to another region; and the table of the shared cache (sign-in throttles)."""

from django.db import migrations

TABLES = ("person", "organisation", "rolegrant", "agency", "consent")

GUARD = """
CREATE FUNCTION identity_region_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the region of a row in % never changes', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
"""

CACHE = """
CREATE TABLE identity_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX identity_cache_expires ON identity_cache (expires);
"""


def trigger(table):
    name = f"identity_{table}"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name}_region_stays BEFORE UPDATE OF region ON {name} FOR EACH ROW "
        "WHEN (OLD.region IS DISTINCT FROM NEW.region) EXECUTE FUNCTION identity_region_stays()",
        f"DROP TRIGGER {name}_region_stays ON {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial")]

    operations = [
        migrations.RunSQL(GUARD, "DROP FUNCTION identity_region_stays()"),
        *map(trigger, TABLES),
        migrations.RunSQL(CACHE, "DROP TABLE identity_cache"),
    ]
