"""Every change to one licence, and the nightly end of terms. Lists of thousands come in by `merging`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.kernel.licences import facts, rules
from bancheng.kernel.licences.facts import Batch, Fact
from bancheng.kernel.licences.models import Licence, LicenceVersion
from bancheng.kernel.licences.rules import Kind, Source, Status
from bancheng.lib.hooks import Hook
from bancheng.lib.refusal import Refused

NO_SUCH = "没有找到这份证照；未作改动，请核对编号。"
KEPT = [
    "region",
    "version",
    "valid_from",
    "valid_to",
    "issued_on",
    "status",
    "holder_name",
    "channel",
    "source_batch",
    "updated_at",
]


def issue(
    *,
    region: str,
    licence_type: str,
    number: str,
    holder_kind: Kind,
    holder_hash: bytes,
    holder_sealed: bytes,
    holder_name: str,
    issued_on: date,
    valid_from: date | None,
    valid_to: date | None,
    source: Source,
    by: str,
    at: datetime,
    identifier_kind: str = "",
    contact_name: str = "",
    mobile_sealed: bytes | None = None,
    mobile_hash: bytes | None = None,
    on_promise: bool = False,
) -> int:
    """Enter a licence that its unit has issued and return its id; `valid_to` None is 长期; `on_promise`: its conditions were promised (告知承诺).

    Raises Refused("licence_exists") when the number is taken.
    """
    with transaction.atomic():
        made, new = Licence.objects.get_or_create(
            region=region,
            licence_type=licence_type,
            number=number,
            defaults={
                "holder_kind": holder_kind.value,
                "holder_hash": holder_hash,
                "holder_sealed": holder_sealed,
                "holder_name": holder_name,
                "identifier_kind": identifier_kind or rules.IDENTIFIERS[holder_kind],
                "contact_name": contact_name,
                "mobile_sealed": mobile_sealed,
                "mobile_hash": mobile_hash,
                "on_promise": on_promise,
                "issued_on": issued_on,
                "valid_from": valid_from,
                "valid_to": valid_to,
                **_new(source, at),
            },
        )
        if not new:
            raise _licence_exists(number)
        _tell(facts.issued, made, old_valid_to=None, action="licences.issued", by=by, source=source, at=at)
    return made.pk


def _new(source: Source, at: datetime) -> dict[str, object]:
    """Return the columns in which every new licence is alike: valid, its first version, from where."""
    return {
        "status": Status.VALID.value,
        "version": 1,
        "unit": source.unit,
        "channel": source.channel.value,
        "source_batch": source.ref,
        "updated_at": at,
    }


def _licence_exists(number: str) -> Refused:
    return Refused(
        "licence_exists",
        f"证照 {number} 已在库中，未重复登记；如内容有变，请用变更。",
        en=f"Licence {number} is already stored and was not entered again; to alter it, use a change.",
    )


def change(
    *,
    licence_id: int,
    source: Source,
    by: str,
    at: datetime,
    valid_to: date | None,
    valid_from: date | None = None,
    issued_on: date | None = None,
) -> int:
    """Renew a licence under its number (also one that was suspended or has expired) and return its new version.

    `valid_to` None is 长期; `valid_from` and `issued_on` stay when not given.
    Raises Refused("licence_state") or Refused("licence_not_yours").
    """
    values: dict[str, Any] = {"valid_to": valid_to}
    if valid_from is not None:
        values["valid_from"] = valid_from
    if issued_on is not None:
        values["issued_on"] = issued_on
    return _move(facts.changed, licence_id, Status.VALID, "licences.renewed", source=source, by=by, at=at, **values)


def suspend(*, licence_id: int, source: Source, by: str, at: datetime) -> int:
    """Suspend a licence on its unit's word and return its new version."""
    return _move(facts.changed, licence_id, Status.SUSPENDED, "licences.suspended", source=source, by=by, at=at)


def reinstate(*, licence_id: int, source: Source, by: str, at: datetime) -> int:
    """Lift a suspension on its unit's word and return the new version."""
    return _move(facts.changed, licence_id, Status.VALID, "licences.reinstated", source=source, by=by, at=at)


def replace(*, licence_id: int, source: Source, by: str, at: datetime) -> int:
    """Mark a licence as changed: its unit has put another number in its place."""
    return _move(facts.changed, licence_id, Status.CHANGED, "licences.replaced", source=source, by=by, at=at)


def revoke(*, licence_id: int, source: Source, by: str, at: datetime) -> int:
    """Revoke a licence on its unit's word and return its new version."""
    return _move(facts.revoked, licence_id, Status.REVOKED, "licences.revoked", source=source, by=by, at=at)


def cancel(*, licence_id: int, source: Source, by: str, at: datetime) -> int:
    """Cancel a licence on its unit's word and return its new version."""
    return _move(facts.revoked, licence_id, Status.CANCELLED, "licences.cancelled", source=source, by=by, at=at)


def cancel_of(fact: identity.Cancelled) -> None:
    """Cancel what an organisation held that is no more: the registration's word reaches each issuing unit (行政许可法 第七十条)."""
    open_ = Licence.objects.filter(holder_hash=fact.holder_hash)
    ended = [status.value for status in Status if Status.CANCELLED not in rules.NEXT[status]]
    for pk, unit in open_.exclude(status__in=ended).order_by("pk").values_list("pk", "unit"):
        cancel(licence_id=pk, source=Source(unit, rules.Channel.SYSTEM, fact.document), by=fact.by, at=fact.at)


def expire_due(*, today: date, at: datetime, by: str = "clock", batch: int = 10_000) -> int:
    """Mark every licence whose last valid day is before `today` as expired; return how many.

    The term itself ends the licence, no unit need say so. Run it as often as you like: a missed day is caught up, a
    repeated one finds nothing. Each batch is its own transaction. Licences that a listener of `due_to_expire` holds
    back stay as they are.
    """
    done, after = 0, 0
    while True:
        with transaction.atomic():
            due = _due(today=today, after=after, limit=batch)
            if not due:
                return done
            after = due[-1]
            held = facts.held_back(due, today)
            ended = _expire([pk for pk in due if pk not in held], at=at)
            done += len(ended)
            if ended:
                facts.expired.fire(Batch(ended, at))
                _record_ends(ended, by=by, at=at)


def _due(*, today: date, after: int, limit: int) -> list[int]:
    query = Licence.objects.filter(
        status__in=[Status.VALID.value, Status.SUSPENDED.value], valid_to__lt=today, pk__gt=after
    )
    return list(query.order_by("pk").values_list("pk", flat=True).select_for_update()[:limit])


def _expire(ids: Sequence[int], *, at: datetime) -> list[int]:
    columns = ", ".join(KEPT)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH kept AS (
                INSERT INTO licences_licenceversion ({columns}, licence_id, replaced_at)
                SELECT {columns}, id, %(at)s FROM licences_licence WHERE id = ANY(%(ids)s)
            )
            UPDATE licences_licence SET status = 'expired', version = version + 1, updated_at = %(at)s
            WHERE id = ANY(%(ids)s) RETURNING id
            """,
            {"at": at, "ids": list(ids)},
        )
        return sorted(row[0] for row in cursor.fetchall())


def _record_ends(ids: Sequence[int], *, by: str, at: datetime) -> None:
    rows = Licence.objects.filter(pk__in=ids).values_list("pk", "region", "valid_to")
    audit.record_many(
        audit.Event(
            action="licences.expired",
            who=by,
            about=f"licence:{pk}",
            at=at,
            region=region,
            detail={"valid_to": str(valid_to)},
        )
        for pk, region, valid_to in rows
    )


def _move(
    hook: Hook[Fact | Batch],
    licence_id: int,
    to: Status,
    action: str,
    *,
    source: Source,
    by: str,
    at: datetime,
    **values: Any,
) -> int:
    with transaction.atomic():
        licence = Licence.objects.select_for_update().filter(pk=licence_id).first()
        if licence is None:
            raise Refused("no_such_licence", NO_SUCH, en="No such licence; nothing was changed.", status=404)
        rules.check_source(source, unit=licence.unit, number=licence.number)
        rules.check_may_follow(Status(licence.status), to, number=licence.number)
        old_valid_to = licence.valid_to
        LicenceVersion.objects.create(
            licence=licence, replaced_at=at, **{name: getattr(licence, name) for name in KEPT}
        )
        values |= {
            "status": to.value,
            "version": licence.version + 1,
            "channel": source.channel.value,
            "source_batch": source.ref,
            "updated_at": at,
        }
        for name, value in values.items():
            setattr(licence, name, value)
        licence.save(update_fields=list(values))
        _tell(hook, licence, old_valid_to=old_valid_to, action=action, by=by, source=source, at=at)
    return licence.version


def _tell(
    hook: Hook[Fact | Batch],
    licence: Licence,
    *,
    old_valid_to: date | None,
    action: str,
    by: str,
    source: Source,
    at: datetime,
) -> None:
    audit.record(
        action,
        who=by,
        about=f"licence:{licence.pk}",
        at=at,
        region=licence.region,
        detail={
            "unit": source.unit,
            "channel": source.channel.value,
            "ref": source.ref,
            "version": licence.version,
            "valid_to": str(licence.valid_to or "长期"),
        },
    )
    hook.fire(
        Fact(
            id=licence.pk,
            region=licence.region,
            number=licence.number,
            licence_type=licence.licence_type,
            unit=licence.unit,
            old_valid_to=old_valid_to,
            valid_to=licence.valid_to,
            status=Status(licence.status),
            version=licence.version,
            at=at,
        )
    )
