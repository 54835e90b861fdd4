"""Flows belong to the pack's edition."""

from django.db import migrations

WATCH = """
CREATE TRIGGER another_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON cases_flowversion
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_another_edition();
"""
UNWATCH = """
DROP TRIGGER another_edition ON cases_flowversion;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_late_answers"), ("catalogue", "0003_edition")]
    operations = [migrations.RunSQL(WATCH, UNWATCH)]
