"""What is asked belongs to the pack's edition."""

from django.db import migrations

WATCH = """
CREATE TRIGGER another_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON forms_element
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_another_edition();
CREATE TRIGGER another_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON forms_matterform
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_another_edition();
"""
UNWATCH = """
DROP TRIGGER another_edition ON forms_element;
DROP TRIGGER another_edition ON forms_matterform;
"""


class Migration(migrations.Migration):
    dependencies = [("forms", "0003_shared_facts"), ("catalogue", "0003_edition")]
    operations = [migrations.RunSQL(WATCH, UNWATCH)]
