"""Which lease a question to registers was about (B14.2); it stays what it was, as the rest of the row."""

from django.db import migrations, models

COLUMNS = "id, region, registers, purpose, about, by, asked_at, source, as_of, entries, silent"
TRIGGER = """
DROP TRIGGER register_question_stays ON onething_registerquestion;
CREATE TRIGGER register_question_stays BEFORE DELETE OR UPDATE OF {columns} ON onething_registerquestion
    FOR EACH STATEMENT EXECUTE FUNCTION onething_register_questions_stay();
"""


class Migration(migrations.Migration):
    dependencies = [("onething", "0006_signed_promises_and_leave")]
    operations = [
        migrations.AddField(
            model_name="registerquestion",
            name="lease",
            field=models.CharField(db_default="", max_length=100),
        ),
        migrations.RunSQL(TRIGGER.format(columns=f"{COLUMNS}, lease"), TRIGGER.format(columns=COLUMNS)),
    ]
