"""What stands on the home page: what one may rate, call-backs of one's unit, what waits for a review."""

from django.urls import reverse

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.ratings import public as ratings
from bancheng.lib.text import Text
from bancheng.services.ratings import queries
from bancheng.web.front import Todo

MOST = 2  # services said one by one; nobody is urged


def to_do(actor: identity.Actor) -> list[Todo]:
    """Return what waits for the actor."""
    if actor.has(queries.CALL_BACK, service=queries.SERVICE):
        return _call_backs(actor)
    if actor.has(queries.REVIEW, service=queries.SERVICE):
        return _reviews()
    return _to_rate(actor) if actor.person_id else []


def _call_backs(actor: identity.Actor) -> list[Todo]:
    held = queries.units(actor, queries.CALL_BACK)
    found = list(ratings.call_backs(units=held, but=actor.ref).values_list("late_at", flat=True))
    if not found:
        return []
    late = sum(one is not None for one in found)
    hint = Text(f"其中{late}件已逾期", f"{late} of them overdue") if late else None
    said = Text(f"{len(found)}件差评待回访", f"Bad ratings to call back: {len(found)}")
    return [Todo(said, reverse("ratings:call_backs"), hint, "bad" if late else "warn")]


def _reviews() -> list[Todo]:
    waiting = ratings.appeals_to_review().count()
    late = ratings.call_backs(units=None, late=True).count()
    found = []
    if waiting:
        said = Text(f"{waiting}条评价待复核", f"Ratings to review: {waiting}")
        found.append(Todo(said, reverse("ratings:reviews"), None, "warn"))
    if late:
        said = Text(f"{late}件差评回访逾期", f"Call-backs overdue: {late}")
        found.append(Todo(said, reverse("ratings:reviews"), None, "bad"))
    return found


def _to_rate(actor: identity.Actor) -> list[Todo]:
    limits = queries.limits(actor, clocks.now())
    return [
        Todo(
            Text(f"{one.title.zh}：您可以评价", f"{one.title.en}: you may rate it"),
            reverse("ratings:mine_one", args=[one.id]),
            Text("自愿评价，不影响办事", "It is up to you and changes nothing"),
        )
        for one in ratings.of_raters(limits, open_on=clocks.today(), size=MOST)
    ]
