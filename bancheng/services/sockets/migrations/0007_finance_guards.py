"""What was read and what people decided stays."""

from django.db import migrations

GUARDS = """
CREATE TRIGGER master_readings_are_only_added BEFORE UPDATE OR DELETE ON sockets_masterreading
    FOR EACH ROW EXECUTE FUNCTION sockets_only_added();
CREATE TRIGGER hand_refunds_are_never_removed BEFORE DELETE ON sockets_handrefund
    FOR EACH ROW EXECUTE FUNCTION sockets_only_added();
"""
UNDO = """
DROP TRIGGER hand_refunds_are_never_removed ON sockets_handrefund;
DROP TRIGGER master_readings_are_only_added ON sockets_masterreading;
"""


class Migration(migrations.Migration):
    dependencies = [("sockets", "0006_finance")]
    operations = [migrations.RunSQL(GUARDS, UNDO)]
