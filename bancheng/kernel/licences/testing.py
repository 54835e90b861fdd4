"""Licences for other parts' tests: one (`issued`), or a list of them (`rows`, `bulk`)."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bancheng.kernel.licences.merging import Merged, Row, merge
from bancheng.kernel.licences.models import Licence

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
REGION = "411002"
UNIT = "XCWS"
TYPE = "food"


def hash_of(text: str) -> bytes:
    """Return a stand-in holder hash; tests that search by real numbers pass identity.find_hash's answer instead."""
    return hashlib.sha256(text.encode()).digest()


def issued(**over: Any) -> Licence:
    """Return a stored licence, valid for five years unless told otherwise; no hook fires and nothing is audited."""
    number = over.setdefault("number", f"T{Licence.objects.count() + 1:06}")
    values: dict[str, Any] = {
        "region": REGION,
        "licence_type": TYPE,
        "unit": UNIT,
        "holder_kind": "person",
        "holder_hash": hash_of(number),
        "holder_sealed": b"sealed:" + number.encode(),
        "holder_name": "张三丰",
        "identifier_kind": "citizen_id",
        "contact_name": "张三丰",
        "issued_on": date(2022, 1, 1),
        "valid_from": date(2022, 1, 1),
        "valid_to": date(2026, 12, 31),
        "status": "valid",
        "version": 1,
        "channel": "batch",
        "source_batch": "test",
        "updated_at": AT,
    }
    return Licence.objects.create(**(values | over))


def row(number: str, **over: Any) -> Row:
    """Return one line of a list."""
    return Row(
        region=REGION,
        licence_type=TYPE,
        number=number,
        holder_kind="person",
        holder_hash=hash_of(number),
        holder_sealed=b"sealed:" + number.encode(),
        holder_name="张三丰",
        contact_name="李四",
        mobile_sealed=b"sealed-mobile",
        mobile_hash=hash_of("mobile" + number),
        issued_on=date(2022, 1, 1),
        valid_from=date(2022, 1, 1),
        valid_to=date(2026, 12, 31),
    )._replace(**over)


def rows(n: int, *, first_end: date = date(2026, 3, 2), spread: int = 1_800) -> Iterator[Row]:
    """Yield `n` lines whose terms end over `spread` days from `first_end` on."""
    for i in range(n):
        yield row(f"B{i:08}", valid_to=first_end + timedelta(days=i % spread), line=i + 2)


def bulk(n: int, *, unit: str = UNIT, at: datetime = AT, **over: Any) -> Merged:
    """Store `n` licences through the import."""
    return merge((line._replace(**over) for line in rows(n)), batch=f"bulk-{n}", unit=unit, at=at)
