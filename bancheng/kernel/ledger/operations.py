"""What is recorded: entries, their reversal, holds. Each works in the caller's transaction; nothing is told to audit but a reversal, for the
ledger is itself the record.

An entry is posted by one statement. It locks the accounts in the order of their paths, so that two posters never wait for one another,
writes entry, balances and lines, and holds the locks until the caller commits: post last, commit soon. While an account is missing it locks
nothing: who opens one makes others wait who may hold what he needs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.ledger import rules
from bancheng.kernel.ledger.models import Account, Hold, Posting
from bancheng.kernel.ledger.models import Entry as Row
from bancheng.kernel.ledger.rules import Line, Nature, Natures, Unit
from bancheng.lib.identifiers import uuid7

NATURES = Natures()
declare = NATURES.declare

POST = """
WITH wanted (path, amount) AS ({wanted}), known AS (
    SELECT count(*) AS accounts FROM ledger_account AS account JOIN wanted USING (path)
    WHERE account.region = %(region)s AND account.unit = %(unit)s
), locked AS (
    SELECT account.id, wanted.amount FROM ledger_account AS account JOIN wanted USING (path)
    WHERE account.region = %(region)s AND (SELECT accounts FROM known) = %(lines)s ORDER BY account.path FOR UPDATE OF account
), entry AS (
    INSERT INTO ledger_entry (id, region, key, unit, kind, about, lines, content, reverses, by, at, note)
    SELECT %(id)s, %(region)s, %(key)s, %(unit)s, %(kind)s, %(about)s, %(lines)s, %(content)s, %(reverses)s, %(by)s, %(at)s, %(note)s
    WHERE (SELECT count(*) FROM locked) = %(lines)s -- all are locked before anything is written
    ON CONFLICT (region, key) DO NOTHING RETURNING id
), moved AS (
    UPDATE ledger_account AS account SET balance = account.balance + locked.amount
    FROM locked, entry WHERE account.id = locked.id RETURNING account.id, locked.amount, account.balance
), written AS (
    INSERT INTO ledger_posting (region, entry_id, account_id, amount, balance)
    SELECT %(region)s, entry.id, moved.id, moved.amount, moved.balance FROM moved, entry
)
SELECT (SELECT accounts FROM known), (SELECT id FROM entry)
"""
OPEN = """
INSERT INTO ledger_account (region, path, unit, normal, floor, balance, held, opened_at)
SELECT %s, path, unit, normal, floor, 0, 0, %s
FROM unnest(%s::text[], %s::text[], %s::smallint[], %s::bigint[]) AS account (path, unit, normal, floor) ORDER BY path
ON CONFLICT (region, path) DO NOTHING
"""

FEW = 8  # lines: more come as two arrays


@dataclass(frozen=True)
class Entry:
    """What stands in the ledger; `again` when it stood there before this call."""

    id: UUID
    key: str
    at: datetime
    again: bool = False


def post(
    *,
    region: str,
    key: str,
    unit: Unit,
    lines: Iterable[Line],
    kind: str,
    about: str,
    at: datetime,
    by: str,
    note: str = "",
    opens: bool = False,
) -> Entry:
    """Post an entry, once for its key; accounts are opened by their first entry. One statement, three when one is opened, two for who `opens` one.

    Lines of one account are added up. Whoever posts twice in one transaction does so in the order of the paths, or risks a deadlock.
    Raises Refused: ledger_key_taken (the key stands with other content), ledger_short (an account would fall below its floor), and
    the caller's transaction is undone; ValueError for what is no entry, LookupError for an undeclared account.
    """
    found = rules.merged(lines)
    natures = {line.account: NATURES.of(line.account) for line in found}
    if opens:
        _open(region, natures, at)
    said = {"kind": kind, "about": about, "at": at, "by": by, "note": note}
    return _post(region, key, unit, found, natures, said, None)


def reverse(*, region: str, key: str, of: str, at: datetime, by: str, note: str) -> Entry:
    """Undo the entry with the key `of` by another one, once, saying why.

    Raises Refused: ledger_no_entry, ledger_reversed_already, ledger_short, ledger_key_taken.
    """
    row = Row.objects.filter(region=region, key=of).first()
    if row is None:
        raise rules.no_entry()
    lines = rules.merged(rules.reversed_(lines_of(row)))
    natures = {line.account: NATURES.of(line.account) for line in lines}
    said = {"kind": f"{row.kind}.reversed"[:48], "about": row.about, "at": at, "by": by, "note": note}
    with transaction.atomic():
        entry = _post(region, key, Unit(row.unit), lines, natures, said, row.id)
        if not entry.again:
            audit.record("ledger.reversed", who=by, about=f"entry:{row.id}", at=at, region=region, detail={"key": of})
    return entry


def hold(*, region: str, key: str, account: str, amount: int, about: str, at: datetime) -> None:
    """Set `amount` of the account's normal side aside, once for its key, so that nothing else moves it.

    Raises Refused: ledger_short, ledger_key_taken.
    """
    if type(amount) is not int or not 0 < amount <= rules.MOST:
        raise ValueError(f"{amount!r} cannot be held")
    _open(region, {account: NATURES.of(account)}, at)
    with transaction.atomic():
        row = Account.objects.select_for_update().get(region=region, path=account)
        stands = Hold.objects.filter(region=region, key=key).first()
        if stands is not None:
            if (stands.account_id, stands.amount, stands.about) != (row.pk, amount, about):
                raise rules.key_taken()
            return
        if row.floor is not None and row.normal * row.balance - row.held - amount < row.floor:
            raise rules.short()
        Hold.objects.create(region=region, key=key, account=row, amount=amount, about=about, at=at)
        row.held += amount
        row.save(update_fields=["held"])


def release(*, region: str, key: str, at: datetime) -> None:
    """Let go of what the key holds; a second time does nothing. Raises Refused: ledger_no_hold."""
    with transaction.atomic():
        held = Hold.objects.filter(region=region, key=key).select_related("account").first()
        if held is None:
            raise rules.no_hold()
        account = Account.objects.select_for_update().get(pk=held.account_id)
        if Hold.objects.filter(pk=held.pk, released_at=None).update(released_at=at):
            account.held -= held.amount
            account.save(update_fields=["held"])


def lines_of(row: Row) -> list[Line]:
    """Return the lines of an entry."""
    found = Posting.objects.filter(entry=row).select_related("account").order_by("account__path")
    return [Line(line.account.path, line.amount) for line in found]


def _post(
    region: str,
    key: str,
    unit: Unit,
    lines: Sequence[Line],
    natures: Mapping[str, Nature],
    said: Mapping[str, Any],
    reverses: UUID | None,
) -> Entry:
    rules.check(lines, unit, natures)
    at: datetime = said["at"]
    values: dict[str, Any] = {
        **said,
        "id": uuid7(at),
        "region": region,
        "key": key,
        "unit": unit.value,
        "lines": len(lines),
        **_given(lines),
        "content": rules.fingerprint(unit=unit.value, kind=said["kind"], about=said["about"], lines=lines),
        "reverses": reverses,
    }
    with _refusing(), connection.cursor() as cursor:  # by itself the statement is a transaction: one way there and back
        statement = _statement(len(lines) if len(lines) <= FEW else None)
        cursor.execute(statement, values)
        known, written = cursor.fetchone()
        if known < len(lines):
            _open(region, natures, at)
            cursor.execute(statement, values)
            known, written = cursor.fetchone()
    if written is not None:
        return Entry(written, key, at)
    return _standing(region, key, values["content"])


@cache
def _statement(lines: int | None) -> str:
    """Return POST for so many lines, or for any number.

    An array serves any number, but is planned anew each time, for its length is not known in advance; a row of VALUES for each line is a
    statement for each number of lines, which a long entry takes longer to write and to read than to post.
    """
    if lines is None:
        return POST.format(wanted="SELECT * FROM unnest(%(paths)s::text[], %(amounts)s::bigint[])")
    return POST.format(
        wanted="VALUES " + ", ".join(f"(%(path{n})s::text, %(amount{n})s::bigint)" for n in range(lines))
    )


def _given(lines: Sequence[Line]) -> dict[str, Any]:
    """Return the lines as their statement takes them."""
    if len(lines) > FEW:
        return {"paths": [line.account for line in lines], "amounts": [line.amount for line in lines]}
    paths = {f"path{n}": line.account for n, line in enumerate(lines)}
    return paths | {f"amount{n}": line.amount for n, line in enumerate(lines)}


def _open(region: str, natures: Mapping[str, Nature], at: datetime) -> None:
    """Open the accounts that do not exist, with nothing in them."""
    kinds = list(natures.values())
    columns = ([n.unit.value for n in kinds], [int(n.normal) for n in kinds], [n.floor for n in kinds])
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [region, at, list(natures), *columns])


def _standing(region: str, key: str, content: bytes) -> Entry:
    """Return the entry that has the key already. Raises Refused: ledger_key_taken."""
    row = Row.objects.get(region=region, key=key)
    if bytes(row.content) != content:
        raise rules.key_taken()
    return Entry(row.id, key, row.at, again=True)


@contextmanager
def _refusing() -> Iterator[None]:
    """Say what a constraint of the database means; the transaction is lost either way."""
    try:
        yield
    except IntegrityError as error:
        for name, refusal in MEANT.items():
            if name in str(error):
                raise refusal() from error
        raise


MEANT = {"an_account_keeps_its_floor": rules.short, "an_entry_is_reversed_once": rules.reversed_already}
