"""What stands in the ledger, and whether it is whole."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from bancheng.kernel.ledger.models import Account, Posting
from bancheng.kernel.ledger.models import Entry as Row
from bancheng.kernel.ledger.rules import Line, Unit, fingerprint
from bancheng.lib.text import Text

AT_ONCE = 10_000  # entries that are compared in one go


@dataclass(frozen=True)
class Standing:
    """An account: `balance` is debits less credits, `available` what may still be moved off its normal side (None: no bound)."""

    path: str
    unit: Unit
    balance: int
    held: int
    available: int | None


@dataclass(frozen=True)
class Moved:
    """One line of an account's statement, with the balance after it."""

    entry: UUID
    key: str
    kind: str
    about: str
    at: datetime
    by: str
    note: str
    amount: int
    balance: int


def standing(region: str, path: str) -> Standing | None:
    """Return the account, or None when nothing was ever posted to it."""
    row = Account.objects.filter(region=region, path=path).first()
    return _standing(row) if row else None


def balance(region: str, path: str) -> int:
    """Return debits less credits; 0 for an account nothing was posted to."""
    found = Account.objects.filter(region=region, path=path).values_list("balance", flat=True).first()
    return found or 0


def balances(region: str, below: str) -> dict[str, int]:
    """Return debits less credits of each account whose path begins with `below`, by path."""
    rows = Account.objects.filter(region=region, path__startswith=below).order_by("path")
    return dict(rows.values_list("path", "balance"))


def statement(region: str, path: str, *, since: datetime, before: datetime) -> list[Moved]:
    """Return what moved on an account from `since` up to, not including, `before`, in the order it was posted."""
    rows = Posting.objects.filter(
        account__region=region, account__path=path, entry__at__gte=since, entry__at__lt=before
    ).select_related("entry")
    return [
        Moved(
            line.entry_id,
            line.entry.key,
            line.entry.kind,
            line.entry.about,
            line.entry.at,
            line.entry.by,
            line.entry.note,
            line.amount,
            line.balance,
        )
        for line in rows.order_by("id")
    ]


SUMS = """
SELECT count(*), count(*) FILTER (WHERE total = 0) FROM (
    SELECT sum(line.amount) AS total FROM ledger_account AS account JOIN ledger_posting AS line ON line.account_id = account.id
    WHERE account.region = %s AND starts_with(account.path, %s) GROUP BY account.id
) AS moved
"""


def sums_below(region: str, below: str) -> tuple[int, int]:
    """Return how many accounts below a path were moved on, and of how many of them the lines sum to zero, recomputed from the lines."""
    with connection.cursor() as cursor:
        cursor.execute(SUMS, [region, below])
        accounts, zero = cursor.fetchone()
    return accounts, zero


def entries_about(region: str, about: str) -> list[tuple[Row, list[Line]]]:
    """Return what was posted about one thing, in the order it was posted, with its lines."""
    rows = {row.id: row for row in Row.objects.filter(region=region, about=about)}
    lines: dict[UUID, list[Line]] = {}
    for line in Posting.objects.filter(entry__in=rows).select_related("account").order_by("id"):
        lines.setdefault(line.entry_id, []).append(Line(line.account.path, line.amount))
    return [(rows[entry], found) for entry, found in lines.items()]


# Whether it is whole


@dataclass(frozen=True)
class Mismatch:
    """One thing that does not fit: which, and in words."""

    what: str  # "entry:<key>", "account:<path>"
    says: Text


ACCOUNTS = """
SELECT account.region, account.path, account.balance, account.held, coalesce(moved.total, 0), coalesce(kept.total, 0), moved.steady
FROM ledger_account AS account
LEFT JOIN (
    SELECT account_id, sum(amount) AS total, bool_and(balance = running) AS steady
    FROM (
        SELECT account_id, amount, balance, sum(amount) OVER (PARTITION BY account_id ORDER BY id) AS running FROM ledger_posting
    ) AS line GROUP BY account_id
) AS moved ON moved.account_id = account.id
LEFT JOIN (
    SELECT account_id, sum(amount) AS total FROM ledger_hold WHERE released_at IS NULL GROUP BY account_id
) AS kept ON kept.account_id = account.id
WHERE account.balance <> coalesce(moved.total, 0) OR account.held <> coalesce(kept.total, 0) OR NOT coalesce(moved.steady, true)
ORDER BY account.region, account.path
"""
ENTRIES = """
SELECT entry.id, entry.key, entry.unit, entry.kind, entry.about, entry.lines, entry.content,
    coalesce(array_agg(account.path ORDER BY account.path) FILTER (WHERE account.path IS NOT NULL), '{}'),
    coalesce(array_agg(line.amount ORDER BY account.path) FILTER (WHERE account.path IS NOT NULL), '{}'),
    bool_and(account.unit = entry.unit)
FROM (SELECT * FROM ledger_entry WHERE id > %s ORDER BY id LIMIT %s) AS entry
LEFT JOIN ledger_posting AS line ON line.entry_id = entry.id
LEFT JOIN ledger_account AS account ON account.id = line.account_id
GROUP BY entry.id, entry.key, entry.unit, entry.kind, entry.about, entry.lines, entry.content ORDER BY entry.id
"""


def verify(progress: Callable[[int, int], None] | None = None) -> Iterator[Mismatch]:
    """Recompute every balance, hold and entry from the lines and yield what does not fit; nothing when all is whole.

    `progress` is told how many of how many entries were looked at.
    """
    yield from _accounts()
    yield from _entries(progress)


def _accounts() -> Iterator[Mismatch]:
    with connection.cursor() as cursor:
        cursor.execute(ACCOUNTS)
        for region, path, balance, held, moved, kept, _steady in cursor.fetchall():
            says = Text(
                f"账户 {path}（{region}）：余额记 {balance}，各笔合计 {moved}；冻结记 {held}，合计 {kept}；或逐笔余额不连续",
                f"Account {path} ({region}): balance {balance}, its lines sum to {moved}; held {held}, its holds sum to {kept};"
                " or its running balances do not follow",
            )
            yield Mismatch(f"account:{path}", says)


def _entries(progress: Callable[[int, int], None] | None) -> Iterator[Mismatch]:
    total, done, last = Row.objects.count(), 0, UUID(int=0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(ENTRIES, [last, AT_ONCE])
            rows = cursor.fetchall()
        if not rows:
            return
        for row in rows:
            if fault := _fault(*row[2:]):
                yield Mismatch(f"entry:{row[1]}", Text(f"账目 {row[1]}：{fault.zh}", f"Entry {row[1]}: {fault.en}"))
        last, done = rows[-1][0], done + len(rows)
        if progress:
            progress(done, max(total, done))


def _fault(
    unit: str,
    kind: str,
    about: str,
    count: int,
    content: bytes,
    paths: list[str],
    amounts: list[int],
    one_unit: bool | None,
) -> Text | None:
    """Return what is wrong with an entry, or None."""
    if len(paths) != count:
        return Text(f"应有 {count} 行，实有 {len(paths)} 行", f"{len(paths)} lines of {count}")
    if total := sum(amounts):
        return Text(f"各行合计 {total}，不为零", f"its lines sum to {total}, not to zero")
    if not one_unit:
        return Text("账户的计量单位与账目不同", "an account is counted in another unit")
    lines = [Line(path, amount) for path, amount in zip(paths, amounts, strict=True)]
    if fingerprint(unit=unit, kind=kind, about=about, lines=lines) != bytes(content):
        return Text("内容与记账时不同", "it does not say what it said when it was posted")
    return None


def _standing(row: Account) -> Standing:
    available = None if row.floor is None else row.normal * row.balance - row.held - row.floor
    return Standing(row.path, Unit(row.unit), row.balance, row.held, available)
