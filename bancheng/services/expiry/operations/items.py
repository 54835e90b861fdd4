"""The directory of reminder items (提醒事项目录): compiled by each unit, public, re-combed every quarter."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.lib.refusal import Refused
from bancheng.services.expiry import rules
from bancheng.services.expiry.models import Item, Review, Watch


def publish(*, code: str, unit: str, fields: Mapping[str, Any], by: identity.Actor, at: datetime) -> Item:
    """Add an item to the public directory, or put a new text in its place.

    Raises Refused("item_incomplete") naming what is missing: every item says its law, materials, place and phone (F10.11).
    """
    missing = [label for name, label in REQUIRED.items() if not fields.get(name)]
    if missing:
        raise Refused(
            "item_incomplete",
            f"提醒事项还缺：{'、'.join(missing)}。已填内容已保留，请补齐后再公布。",
            en=f"The item still lacks: {', '.join(missing)}. What you filled in is kept.",
            status=422,
        )
    with transaction.atomic():
        item, new = Item.objects.update_or_create(
            region=fields["region"],
            code=code,
            defaults={**fields, "unit": unit, "withdrawn_on": None},
            create_defaults={**fields, "unit": unit, "published_on": localdate(at)},
        )
        audit.record(
            "expiry.item_added" if new else "expiry.item_changed",
            who=by.ref,
            about=f"expiry.item:{code}",
            at=at,
            region=item.region,
        )
        jobs.later("expiry.rewatch", key=f"expiry-rewatch-{item.pk}", item_id=item.pk)
    return item


REQUIRED = {
    "region": "区划",
    "name": "名称",
    "licence_type": "证照类型",
    "law": "法律依据",
    "materials": "所需材料",
    "offline": "线下办理地点",
    "phone": "咨询电话",
}


def withdraw(*, code: str, unit: str, by: identity.Actor, at: datetime) -> None:
    """Take an item out of the directory; its licences are no longer watched. Raises Refused("still_watched") when some are due."""
    with transaction.atomic():
        item = Item.objects.select_for_update().get(code=code, unit=unit, withdrawn_on=None)
        if Watch.objects.filter(item=item, state__in=["live", "pending", "says_done"]).exists():
            raise Refused(
                "still_watched",
                "该事项下还有正在提醒的证照，暂不能撤下。请先办结或由发证系统注销这些证照。",
                en="Licences under this item are still being watched; it stays in the directory.",
            )
        item.withdrawn_on = localdate(at)
        item.save(update_fields=["withdrawn_on"])
        audit.record("expiry.item_withdrawn", who=by.ref, about=f"expiry.item:{code}", at=at, region=item.region)


def review_quarter(*, unit: str, region: str, note: str, by: identity.Actor, at: datetime) -> Review:
    """Record that a unit has re-combed its items this quarter (F10.13), with what it added and withdrew since the last time."""
    day = localdate(at)
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    items = Item.objects.filter(region=region, unit=unit)
    with transaction.atomic():
        review, _ = Review.objects.update_or_create(
            region=region,
            unit=unit,
            quarter=rules.quarter(day),
            defaults={
                "added": items.filter(published_on__gte=first).count(),
                "removed": items.filter(withdrawn_on__gte=first).count(),
                "note": note[:300],
                "done_by_id": by.user_id,
                "done_at": at,
            },
        )
        audit.record(
            "expiry.reviewed",
            who=by.ref,
            about=f"expiry.unit:{unit}",
            at=at,
            region=region,
            detail={"quarter": review.quarter, "added": review.added, "removed": review.removed},
        )
    return review
