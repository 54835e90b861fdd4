"""The directory of reminder items (提醒事项目录): compiled by each unit, public, re-combed every quarter."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from bancheng.kernel.audit import public as audit
from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.lib.refusal import Refused
from bancheng.pack import texts
from bancheng.pack.reader import Entry, Notes, document
from bancheng.services.expiry import rules
from bancheng.services.expiry.models import Item, Review, Watch
from bancheng.services.expiry.texts import KINDS

TAGS = ("T", "L", "S", "M")


def load(folder: Path, *, region: str, by: str, at: datetime) -> Mapping[str, catalogue.Changes]:
    """Bring the pack's items.toml into the directory, inside the pack's transaction; the same pack again changes nothing.

    An item that is no longer listed is withdrawn. Raises Faulty naming file and line of everything that is wrong.
    """
    notes = Notes(folder)
    wanted: dict[str, dict[str, Any]] = {}
    for entry in document(folder / "items.toml", notes=notes).tables("item", required=True):
        fields = _read(entry)
        if fields and wanted.setdefault(fields["code"], fields) is not fields:
            entry.wrong("code", f"事项“{fields['code']}”写了两次。", f"Item “{fields['code']}” is listed twice.")
    notes.check()
    changes = {"items": _write(region, wanted, at)}
    if (folder / "templates.toml").exists():
        changes["templates"] = texts.load(folder, KINDS, by=by, at=at)
    return changes


def _read(entry: Entry) -> dict[str, Any] | None:
    """Return an item's fields, its words taken from the matter it renews; None when the matter is not in the pack."""
    names = ("code", "unit", "matter", "licence_type", "difficulty", "audience")
    fields: dict[str, Any] = {name: entry.text(name) for name in names}
    fields["validity_years"] = entry.whole("validity_years") or 0
    window = entry.table("window")
    entry.finish()
    fields |= _window(window) if window else NO_WINDOW
    try:
        matter, kind = catalogue.matter(fields["matter"]), catalogue.licence_type(fields["licence_type"])
    except Refused as no:
        entry.wrong("matter", no.says, no.en)
        return None
    if matter.unit != fields["unit"]:
        entry.wrong("unit", "事项的单位与办事指南的单位不一致。", "The item's unit is not the matter's unit.")
    return fields | {"name": kind.name, "name_en": kind.name_en} | _words(matter)


NO_WINDOW = {"opens": None, "closes": None, "counts_in": "nd", "window_law": "", "provenance": "L"}


def _window(window: Entry) -> dict[str, Any]:
    """Return when the renewal may be applied for, counted back from the last day."""
    opens, closes = window.whole("opens", required=False), window.whole("closes")
    unit, law, tag = window.text("unit").lower(), window.text("law"), window.text("tag")
    window.finish()
    if unit not in {"wd", "nd", "month"}:
        window.wrong("unit", "窗口只能按WD、ND或MONTH计算。", "A window counts in WD, ND or MONTH.")
    if opens is not None and closes is not None and opens <= closes:
        window.wrong("opens", "窗口的开始要早于截止。", "The window must open before it closes.")
    if tag not in TAGS:
        window.wrong("tag", f"出处标记只能是{'、'.join(TAGS)}。", f"The tag is one of {', '.join(TAGS)}.")
    return {"opens": opens, "closes": closes, "counts_in": unit, "window_law": law, "provenance": tag}


def _words(matter: catalogue.Matter) -> dict[str, Any]:
    """Return what a holder is told, in the guide's own words."""
    online = matter.online
    own = [paper for paper in matter.materials if paper.source is not catalogue.Source.SHARED] or matter.materials
    return {
        "domain": matter.domain,
        "law": "；".join(map(str, matter.basis)),
        "materials": "、".join(paper.name for paper in matter.materials),
        "materials_en": ", ".join(paper.name_en for paper in matter.materials),
        "bring": [paper.name for paper in own],
        "bring_en": [paper.name_en for paper in own],
        "channel": "、".join(channel.name for channel in matter.channels),
        "channel_en": ", ".join(channel.name_en for channel in matter.channels),
        "online": online.url if online else "",
        "offline": _places(matter),
        "phone": matter.phone,
    }


def _places(matter: catalogue.Matter) -> str:
    return "；".join(catalogue.outlet(code).name for code in matter.outlets)


def _write(region: str, wanted: Mapping[str, dict[str, Any]], at: datetime) -> catalogue.Changes:
    known = {item.code: item for item in Item.objects.filter(region=region)}
    added, changed, same = [], [], 0
    for code, fields in wanted.items():
        item = known.get(code)
        if item is None:
            Item.objects.create(region=region, published_on=localdate(at), **fields)
            added.append(code)
            continue
        kept = item.withdrawn_on if _left_out(item) else None
        if item.withdrawn_on == kept and all(getattr(item, name) == value for name, value in fields.items()):
            same += 1
        else:
            Item.objects.filter(pk=item.pk).update(**fields, withdrawn_on=kept)
            changed.append(code)
            jobs.later("expiry.rewatch", key=f"expiry-rewatch-{item.pk}", item_id=item.pk)
    gone = [code for code, item in known.items() if code not in wanted and item.withdrawn_on is None]
    Item.objects.filter(region=region, code__in=gone).update(withdrawn_on=localdate(at))
    return catalogue.Changes(tuple(added), tuple(changed), tuple(gone), same)


def withdraw(*, code: str, by: identity.Actor, at: datetime) -> None:
    """Take an item out of the directory. Raises Refused("still_watched") while licences under it are being watched."""
    with transaction.atomic():
        item = Item.objects.select_for_update().get(code=code, withdrawn_on=None)
        if Watch.objects.filter(item=item, state__in=["live", "pending", "says_done"]).exists():
            raise Refused(
                "still_watched",
                "该事项下还有正在提醒的证照，没有撤下。请等这些证照办结，或由发证单位注销后再撤。",
                en="Licences under this item are still being watched; it was not withdrawn. Settle them first.",
            )
        item.withdrawn_on = localdate(at)
        item.save(update_fields=["withdrawn_on"])
        audit.record("expiry.item_withdrawn", who=by.ref, about=f"expiry.item:{code}", at=at, region=item.region)


def restore(*, code: str, by: identity.Actor, at: datetime) -> None:
    """Put a withdrawn item back and watch its licences again. Raises Refused("replaced") when another took its place."""
    with transaction.atomic():
        item = Item.objects.select_for_update().get(code=code, withdrawn_on__isnull=False)
        if Item.objects.filter(unit=item.unit, licence_type=item.licence_type, withdrawn_on=None).exists():
            raise Refused(
                "replaced",
                "目录里已有同一证照的事项，没有恢复。请先撤下那一项。",
                en="The directory has an item of the same licence already; nothing was restored. Withdraw that one first.",
            )
        item.withdrawn_on = None
        item.save(update_fields=["withdrawn_on"])
        audit.record("expiry.item_restored", who=by.ref, about=f"expiry.item:{code}", at=at, region=item.region)
        jobs.later("expiry.rewatch", key=f"expiry-rewatch-{item.pk}", item_id=item.pk)


def _left_out(item: Item) -> bool:
    """Return whether the unit itself withdrew the item: the pack, which still lists it, does not bring it back."""
    events = [event.action for event in audit.timeline(f"expiry.item:{item.code}")]
    return item.withdrawn_on is not None and events[-1:] == ["expiry.item_withdrawn"]


def review_quarter(*, unit: str, note: str, by: identity.Actor, at: datetime) -> Review:
    """Record that a unit has re-combed its items this quarter (F10.13), with what it added and withdrew in it.

    Raises Refused("no_items") for a unit that is not in the directory.
    """
    day = localdate(at)
    first = rules.quarter_first(day)
    items = Item.objects.filter(unit=unit)
    with transaction.atomic():
        review, _ = Review.objects.update_or_create(
            region=region_of(unit),
            unit=unit,
            quarter=rules.quarter(day),
            defaults={
                "added": items.filter(published_on__gte=first).count(),
                "removed": items.filter(withdrawn_on__gte=first).count(),
                "note": note[:300],
                "done_by_id": by.account,
                "done_at": at,
            },
        )
        audit.record(
            "expiry.reviewed",
            who=by.ref,
            about=f"expiry.unit:{unit}",
            at=at,
            region=review.region,
            detail={"quarter": review.quarter, "added": review.added, "removed": review.removed},
        )
    return review


def region_of(unit: str) -> str:
    """Return the region whose directory lists `unit`. Raises Refused("no_items") when none does."""
    region = Item.objects.filter(unit=unit, withdrawn_on=None).values_list("region", flat=True).first()
    if region is None:
        raise Refused(
            "no_items",
            "本单位还没有已公布的提醒事项，没有作任何改动。请先由平台运维把事项载入目录。",
            en="Your unit has no published reminder items; nothing was changed. Ask the operator to load them.",
        )
    return region
