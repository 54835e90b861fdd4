"""Services that may be rated come in: once each, however often they are named."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.ratings import content, facts, rules
from bancheng.kernel.ratings.facts import Happened, Served, What
from bancheng.kernel.ratings.models import Occasion
from bancheng.kernel.ratings.rules import Terms
from bancheng.lib import identifiers
from bancheng.lib.days import day_of

SYSTEM = "system"


def invite(served: Sequence[Served], *, region: str, terms: Terms, at: datetime, by: str = SYSTEM) -> list[Occasion]:
    """Let services be rated and say so; return those that were not known yet. Run it as often as you like."""
    with transaction.atomic():
        known = set(
            Occasion.objects.filter(region=region, about__in=[one.about for one in served]).values_list(
                "about", flat=True
            )
        )
        rows = [_row(one, region, terms, at) for one in served if one.about not in known]
        made = {row.pk: row for row in rows}
        Occasion.objects.bulk_create(rows, ignore_conflicts=True)
        if rows:  # somebody may have been quicker: only those that are there are ours
            kept = list(Occasion.objects.filter(pk__in=made).order_by("pk"))
            audit.record_many(_event(row, by, at) for row in kept)
            for row in kept:
                facts.happened.fire(Happened(What.INVITED, row.pk, row.region, row.unit, at))
            return kept
    return []


def _event(row: Occasion, by: str, at: datetime) -> audit.Event:
    detail = {"mode": row.mode, "thing": row.about}
    return audit.Event(action="ratings.invited", who=by, about=about(row), at=at, region=row.region, detail=detail)


def about(row: Occasion) -> str:
    """Return how audit names a service that may be rated."""
    return f"rating:{row.pk}"


def _row(one: Served, region: str, terms: Terms, at: datetime) -> Occasion:
    return Occasion(
        id=identifiers.uuid7(at),
        region=region,
        about=one.about,
        root=one.root,
        number=one.number,
        service=one.service,
        matter=one.matter,
        unit=one.unit,
        title=one.title.zh,
        title_en=one.title.en,
        mode=one.mode.value,
        token=secrets.token_urlsafe(16),
        rater_hash=one.rater_hash,
        contact_sealed=content.seal_contact(one.contact),
        handlers=sorted(set(one.handlers)),
        opened_at=at,
        closes_on=rules.closes_on(day_of(at), terms),
    )
