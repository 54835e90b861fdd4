"""Taking in a unit's ledger: the file is kept sealed, read by a job in chunks, and forgotten."""

import base64
import hashlib
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils.timezone import localdate

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.licences import public as licences
from bancheng.lib.refusal import Refused
from bancheng.services.expiry import peek, workbook
from bancheng.services.expiry.models import BadRow, Batch, Item, Watch
from bancheng.services.expiry.operations.items import region_of

CHUNK = 10_000  # rows a transaction: progress is seen, a killed reader goes on from the last whole chunk
FILE = "expiry_ledger"  # the kind a file and its bad rows are sealed as
KEEP_BAD_ROWS_DAYS = 30
LONG_NUMBER = re.compile(r"\d{9,}[\dXx]?")  # a date has eight digits


@dataclass(frozen=True)
class Chunk:
    """Rows judged and sealed, ready to be taken in one transaction."""

    good: list[workbook.Good]
    sealed: list[licences.Row]
    bad: list[workbook.Bad]

    @property
    def rows(self) -> int:
        return len(self.good) + len(self.bad)


def upload(*, unit: str, name: str, data: bytes, by: identity.Actor, at: datetime) -> Batch:
    """Take a workbook in, sealed, and promise to read it.

    A package that cannot be a ledger, or has no sheet with its columns, is refused here and now, and nothing is kept; the job looks
    at the whole file and may still refuse it. The same file again, when its reading was given up half-way, is read on.
    Raises Refused (see `workbook.check_package` and `peek.check_heads`; "same_file" while the same file is being read).
    """
    workbook.check_package(data)
    peek.check_heads(data)
    region, sha256 = region_of(unit), hashlib.sha256(data).hexdigest()
    try:
        with transaction.atomic():
            batch = Batch.objects.create(
                region=region,
                unit=unit,
                name=shown_name(name),
                sha256=sha256,
                sealed=identity.seal(base64.b64encode(data).decode(), kind=FILE),
                uploaded_by_id=by.account,
                uploaded_at=at,
            )
            audit.record(
                "expiry.uploaded",
                who=by.ref,
                about=f"expiry.batch:{batch.pk}",
                at=at,
                region=region,
                detail={"unit": unit, "sha256": sha256, "bytes": len(data)},
            )
            _promise(batch)
    except IntegrityError as error:
        if given_up := _read_on(region=region, unit=unit, sha256=sha256, by=by, at=at):
            return given_up
        raise Refused(
            "same_file",
            "同一份文件正在读取，没有重复提交。请等它读完，进度见下方列表。",
            en="This very file is being read already; it was not taken twice. See its progress below.",
        ) from error
    return batch


def shown_name(name: str) -> str:
    """Return a file's name as it is kept and shown: long runs of digits, which may be somebody's number, are blotted out."""
    return LONG_NUMBER.sub(lambda found: "*" * len(found[0]), name)[:200]


def _key(batch: Batch) -> str:
    return f"expiry-batch-{batch.pk}"


def _promise(batch: Batch) -> None:
    jobs.later("expiry.read_batch", key=_key(batch), batch_id=str(batch.pk))


def _read_on(*, region: str, unit: str, sha256: str, by: identity.Actor, at: datetime) -> Batch | None:
    """Promise anew to read the file whose job failed for good or is gone, and say so; None when it needs nobody's help."""
    with transaction.atomic():
        open_ones = Batch.objects.select_for_update().filter(finished_at=None)
        batch = open_ones.filter(region=region, unit=unit, sha256=sha256).first()
        if batch is None or jobs.is_live(_key(batch)):
            return None
        batch.says = (
            f"此前读取中断，已于{localdate(at):%Y-%m-%d}重新安排，从已读的{batch.read}行之后接着读，没有重复导入。"
        )
        batch.says_en = (
            f"Reading had stopped; promised again on {localdate(at)}, it goes on behind the {batch.read} rows read."
        )
        batch.save(update_fields=["says", "says_en"])
        about = f"expiry.batch:{batch.pk}"
        audit.record("expiry.read_on", who=by.ref, about=about, at=at, region=region, detail={"read": batch.read})
        _promise(batch)
    return batch


def read_batch(*, batch_id: str, at: datetime) -> Batch:
    """Read an uploaded ledger to its end: good rows into the library, bad rows aside with their reasons.

    May be run again after a crash: it goes on behind the last chunk that was committed. A reader that was thought dead and
    wakes up finds that another went on, and leaves off.
    """
    batch = Batch.objects.get(pk=batch_id)
    if batch.sealed is None:
        return batch
    try:  # the package was checked before it was sealed, and what opens is what was sealed
        sheet = workbook.open_sheet(base64.b64decode(identity.open_sealed(bytes(batch.sealed), kind=FILE)))
    except Refused as no:
        return _refuse(batch, no, at)
    today = localdate(at)
    reader = workbook.Reader(sheet.header, _names(batch), today)
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.READING, rows=sheet.total)
    rows = (reader.read(line, cells) for line, cells in sheet.rows(skip=batch.read))
    done = batch.read
    for chunk in _one_ahead(_chunks(rows, batch.region)):
        if not _take_chunk(batch, done, chunk, today, at):
            return batch
        done += chunk.rows
    return _finish(batch, at)


def _chunks(rows: Iterator[workbook.Good | workbook.Bad], region: str) -> Iterator[Chunk]:
    while taken := list(islice(rows, CHUNK)):
        good = [row for row in taken if isinstance(row, workbook.Good)]
        yield Chunk(good, list(_sealed(good, region)), [row for row in taken if isinstance(row, workbook.Bad)])


def _one_ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """Yield `chunks` while a thread makes the next one: it judges and seals as PostgreSQL merges the one before."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, chunks, None)
        while chunk := coming.result():
            coming = thread.submit(next, chunks, None)
            yield chunk


def _names(batch: Batch) -> dict[str, str]:
    """Return the licence type for every name the unit may write: the item's name, its code, the licence type."""
    names: dict[str, str] = {}
    for item in Item.objects.filter(region=batch.region, unit=batch.unit, withdrawn_on=None):
        names |= dict.fromkeys((item.name, item.code, item.licence_type), item.licence_type)
    return names


def _take_chunk(batch: Batch, done: int, chunk: Chunk, today: date, at: datetime) -> bool:
    """Take the rows behind the first `done`; return False, with nothing taken, when another reader has them already."""
    good, bad = chunk.good, list(chunk.bad)
    with transaction.atomic():
        if not Batch.objects.filter(pk=batch.pk, read=done).update(read=done + chunk.rows):
            return False
        merged = licences.merge(chunk.sealed, batch=str(batch.pk), unit=batch.unit, at=at)
        lines = {row.line: row for row in good}
        bad += [_unused(lines[unused.line], unused) for unused in merged.unused if unused.why != "older"]
        _keep_bad(batch, bad)
        _mark_special(batch, [row for row in good if row.special])
        Batch.objects.filter(pk=batch.pk).update(
            added=F("added") + merged.added,
            changed=F("changed") + merged.changed,
            same=F("same") + merged.unchanged,
            older=F("older") + merged.older,
            bad=F("bad") + len(bad),
            endless=F("endless") + sum(row.valid_to is None for row in good),
            expired=F("expired") + sum(row.valid_to is not None and row.valid_to < today for row in good),
        )
    return True


def _sealed(rows: list[workbook.Good], region: str) -> Iterator[licences.Row]:
    """Seal what identifies a person before anything is written (F10.9)."""
    sealers = {kind: identity.Sealer(kind) for kind in ("citizen_id", "uscc", "passport")}
    mobile = identity.Sealer("mobile")
    for row in rows:
        holder = sealers[row.identifier_kind]
        yield licences.Row(
            region=region,
            licence_type=row.item,
            number=row.number,
            holder_kind="organisation" if row.identifier_kind == "uscc" else "person",
            holder_hash=holder.hash(row.identifier),
            holder_sealed=holder.seal(row.identifier),
            holder_name=row.holder,
            contact_name=row.contact,
            mobile_sealed=mobile.seal(row.mobile) if row.mobile else None,
            mobile_hash=mobile.hash(row.mobile) if row.mobile else None,
            issued_on=row.issued_on,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            line=row.line,
            identifier_kind=row.identifier_kind,
        )


def _unused(row: workbook.Good, unused: licences.Unused) -> workbook.Bad:
    """Return the row as one that goes back, with the library's own reason in place of ours."""
    cells = (
        row.item,
        row.number,
        row.holder,
        "",
        row.identifier,
        row.contact,
        row.mobile,
        str(row.issued_on),
        str(row.valid_from or ""),
        str(row.valid_to or "长期"),
        "是" if row.special else "",
        "",
    )
    return workbook.Bad(row.line, cells, (licences.REASONS[unused.why].zh,))


def _keep_bad(batch: Batch, rows: list[workbook.Bad]) -> None:
    """Keep the rows that go back: one statement for any number, where the ORM's five parameters a row cost more than sealing."""
    file = identity.Sealer(FILE)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into expiry_badrow (region, batch_id, line, sealed, reasons) "
            "select %s, %s, * from unnest(%s::int[], %s::bytea[], %s::text[])",
            [
                batch.region,
                batch.pk,
                [row.line for row in rows],
                [file.seal("\x1f".join(row.cells)) for row in rows],
                ["；".join(row.reasons)[:500] for row in rows],
            ],
        )


def _mark_special(batch: Batch, rows: list[workbook.Good]) -> None:
    """Put on the green channel the holders whom the ledger asks it for (F10.8); nobody is taken off it by a ledger."""
    if rows:
        Watch.objects.filter(
            region=batch.region, unit=batch.unit, licence__number__in=[row.number for row in rows], special=False
        ).update(special=True)


def _finish(batch: Batch, at: datetime) -> Batch:
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        if batch.sealed is None:  # another reader came to the end first
            return batch
        batch.state, batch.sealed, batch.finished_at, batch.rows = Batch.State.DONE, None, at, batch.read
        batch.save(update_fields=["state", "sealed", "finished_at", "rows"])
        audit.record(
            "expiry.read",
            who="system:expiry",
            about=f"expiry.batch:{batch.pk}",
            at=at,
            region=batch.region,
            detail={"rows": batch.read, "added": batch.added, "changed": batch.changed, "bad": batch.bad},
        )
    return batch


def _refuse(batch: Batch, no: Refused, at: datetime) -> Batch:
    """Refuse the file as a whole and forget it: nothing of it was taken."""
    with transaction.atomic():
        batch.state, batch.sealed, batch.finished_at = Batch.State.REFUSED, None, at
        batch.says, batch.says_en = no.says[:300], no.en[:300]
        batch.save(update_fields=["state", "sealed", "finished_at", "says", "says_en"])
        audit.record(
            "expiry.refused_file",
            who="system:expiry",
            about=f"expiry.batch:{batch.pk}",
            at=at,
            region=batch.region,
            detail={"code": no.code},
        )
    return batch


def forget_bad_rows(*, at: datetime) -> int:
    """Delete bad rows older than 30 days: they hold what people typed, and their purpose is over (R10.8)."""
    old = at - timedelta(days=KEEP_BAD_ROWS_DAYS)
    return BadRow.objects.filter(batch__finished_at__lt=old).delete()[0]


def record_download(*, batch: Batch, by: identity.Actor, at: datetime) -> None:
    """Record that somebody took the bad rows back: they hold what people typed (P-3)."""
    audit.record(
        "expiry.bad_rows_taken",
        who=by.ref,
        about=f"expiry.batch:{batch.pk}",
        at=at,
        region=batch.region,
        detail={"rows": batch.bad},
    )
