"""Another part's tests post to accounts of their own."""

from django.db import connection

from bancheng.kernel.ledger.operations import declare
from bancheng.kernel.ledger.rules import Nature, Normal, Unit

TABLES = ("ledger_hold", "ledger_posting", "ledger_entry", "ledger_account")


def declared() -> None:
    """Make the accounts of a small shop known: a till that may not be overdrawn, customers' money, income, land."""
    declare("test/till/", Nature(Unit.FEN, Normal.DEBIT, floor=0))
    declare("test/customer/", Nature(Unit.FEN, Normal.CREDIT, floor=0))
    declare("test/income", Nature(Unit.FEN, Normal.CREDIT))
    declare("test/outside", Nature(Unit.FEN, Normal.DEBIT))
    declare("test/land/", Nature(Unit.DM2, Normal.DEBIT, floor=0))


def wipe() -> None:
    """Remove everything recorded (after tests with real commits)."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")


def tampered(statement: str) -> None:
    """Change what is recorded behind the guards' back, as a machine's master could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what was posted before is judged before
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")
