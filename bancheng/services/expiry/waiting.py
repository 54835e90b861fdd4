"""What stands on the home page of a unit's officer and of a holder: tasks that wait, licences that run out."""

from datetime import date, timedelta

from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.urls import reverse

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib.text import Text
from bancheng.services.expiry import queries, words
from bancheng.services.expiry.models import Watch
from bancheng.services.expiry.rules import State
from bancheng.web.front import Todo

SOON = timedelta(days=30)
MOST = 3  # licences said one by one; more are said together


def to_do(actor: identity.Actor) -> list[Todo]:
    """Return what waits for the actor: the open tasks of his units, or his licences to be renewed soon."""
    if queries.units_of(actor, "unit_admin", "section_officer"):
        return _tasks(actor, clocks.today())
    return _renewals(actor, clocks.today())


def _tasks(actor: identity.Actor, today: date) -> list[Todo]:
    counts = queries.tasks(actor).order_by().aggregate(open=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    if not counts["open"]:
        return []
    late = Text(f"其中{counts['late']}项已超期", f"{counts['late']} of them overdue") if counts["late"] else None
    said = Text(f"{counts['open']}项提醒任务待办", f"Open tasks: {counts['open']}")
    return [Todo(said, reverse("expiry:tasks"), late, "bad" if late else "")]


def _renewals(actor: identity.Actor, today: date) -> list[Todo]:
    found = list(
        Watch.objects.annotate(last=Coalesce("closes_on", "expires_on"))
        .filter(
            holder_hash__in=identity.person_hashes(actor, service=queries.SERVICE),
            state=State.LIVE,
            expires_on__gte=today,
            last__lte=today + SOON,
        )
        .select_related("item")
        .order_by("last", "pk")[: MOST + 1]
    )
    if len(found) > MOST:
        said = Text(f"{MOST}份以上证照该申请续期了", f"More than {MOST} licences are due for renewal")
        return [Todo(said, reverse("expiry:mine"), kind="bad")]
    return [
        Todo(
            Text(watch.item.name, watch.item.name_en),
            reverse("expiry:licence", args=[watch.pk]),
            words.advice(State.LIVE, watch.closes_on, watch.expires_on, today),
            words.urgency(watch.opens_on, watch.closes_on or watch.expires_on or today, today)[0],
        )
        for watch in found
    ]
