"""What units tell the city of people and organisations, so that no form asks for it again (R2.4).

优化营商环境条例 第三十六条. A unit tells only what it answers for, with the day as of which it was so; a later day replaces an
earlier one and never the other way round.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.forms import codec, store
from bancheng.kernel.forms.facts import Told
from bancheng.kernel.forms.models import SharedFact
from bancheng.kernel.identity import public as identity
from bancheng.lib.conditions import Value
from bancheng.lib.refusal import Refused


def share(*, region: str, unit: str, facts: Sequence[Told], by: str, at: datetime) -> int:
    """Keep what `unit` tells of holders and return how many facts changed; told again, it changes nothing. Three statements.

    Raises Refused("not_your_datum") for a fact that another unit answers for: then nothing is kept.
    """
    check_own(unit, facts)
    with transaction.atomic():
        rows = SharedFact.objects.select_for_update().filter(
            region=region,
            holder_hash__in=list({one.holder_hash for one in facts}),
            source__in=list({one.source for one in facts}),
        )
        known = {(bytes(row.holder_hash), row.source): row for row in rows}
        gone, changed, new = [], [], []
        for one in facts:
            row = known.get((one.holder_hash, one.source))
            if row is None:
                if one.value is not None:
                    new.append(_row(region, unit, one, by, at))
            elif one.as_of >= row.as_of:
                if one.value is None:
                    gone.append(row.pk)
                elif (one.as_of, one.value) != (row.as_of, value_of(row)):
                    _put(row, one.value, one.as_of, by, at)
                    changed.append(row)
        SharedFact.objects.bulk_create(new, batch_size=1000)
        SharedFact.objects.bulk_update(changed, ["sealed", "as_of", "told_by", "told_at"], batch_size=1000)
        if gone:
            SharedFact.objects.filter(pk__in=gone).delete()
        count = len(new) + len(changed) + len(gone)
        if count:
            about = f"shared:{unit}"
            audit.record("forms.facts_shared", who=by, about=about, at=at, region=region, detail={"count": count})
    return count


def check_own(unit: str, facts: Sequence[Told]) -> None:
    """Raise Refused("not_your_datum") unless each fact is one that `unit` answers for."""
    if any(not one.source.startswith(f"shared.{unit}.") for one in facts):
        raise Refused(
            "not_your_datum",
            "只能共享本单位负责的数据，这一批没有保存，请去掉其他单位的数据后重报。",
            en="A unit shares what it answers for itself. Nothing of this batch was kept: leave out what is another's.",
            status=403,
        )


def correct(fact_id: int, value: Value, *, on: date, by: str, at: datetime) -> bool:
    """Make a fact say what its unit has accepted, in the caller's transaction; False when the unit holds it no more."""
    row = SharedFact.objects.select_for_update().filter(pk=fact_id).first()
    if row is None:
        return False
    _put(row, value, on, by, at)
    row.save(update_fields=["sealed", "as_of", "told_by", "told_at"])
    return True


def forget_of(fact: identity.Cancelled) -> None:
    """Forget what was told of an organisation that is no more (R14.7)."""
    SharedFact.objects.filter(region=fact.region, holder_hash=fact.holder_hash).delete()


def value_of(row: SharedFact) -> Value:
    """Return what a fact says."""
    return codec.value_from_json(store.unseal(row.sealed)["value"])


def _put(row: SharedFact, value: Value, as_of: date, by: str, at: datetime) -> None:
    row.sealed = store.seal({"value": codec.value_as_json(value)})
    row.as_of, row.told_by, row.told_at = as_of, by, at


def _row(region: str, unit: str, one: Told, by: str, at: datetime) -> SharedFact:
    row = SharedFact(region=region, holder_hash=one.holder_hash, source=one.source, unit=unit)
    _put(row, one.value, one.as_of, by, at)
    return row
