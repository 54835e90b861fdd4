"""The figures of case ten, recomputed from the service's own rows; none is typed in.

Figures of use (renewals, reminders, the rate) are counted over the period that was fixed (`claims.fix_period`), or over all
that has happened while none is; what is held and published is counted as of now.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from django.db.models import Count

from bancheng.kernel.claims import public as claims
from bancheng.kernel.notices import public as notices
from bancheng.lib.text import Text
from bancheng.services.expiry import figures, rules
from bancheng.services.expiry.models import Inspection, Item, Term, Watch
from bancheng.services.expiry.operations.inspection import EXPIRING, WINDOW

REMINDERS = (WINDOW, EXPIRING)
NOTHING_YET = ("还没有载入证照台账，无法计算", "No ledger has been imported yet")
NONE_ENDED = ("还没有到期的证照，无法计算", "No term has ended yet")


def _value(number: int | Fraction, zh: str, en: str, unit: str = "") -> claims.Value:
    return claims.Value(number, unit=unit, detail=Text(zh, en))


def _within(name: str) -> dict[str, Any]:
    """Return the filter that keeps a date inside the fixed period; none while no period is fixed."""
    fixed = claims.fixed_period("expiry")
    return {f"{name}__range": (fixed.first, fixed.last)} if fixed else {}


def main_system() -> claims.Value:
    """A10.1a: licences of the type that holds most."""
    top = (
        Watch.objects.exclude(state="deregistered")
        .values("item__licence_type")
        .annotate(n=Count("pk"))
        .order_by("-n")
        .first()
    )
    if top is None:
        raise claims.Cannot(*NOTHING_YET)
    return _value(
        top["n"], f"证照最多的一类：{top['item__licence_type']}", f"the largest type: {top['item__licence_type']}"
    )


def main_renewed() -> claims.Value:
    """A10.1b: of those, how many were renewed, each once."""
    top = Watch.objects.values("item").annotate(n=Count("pk")).order_by("-n").first()
    if top is None:
        raise claims.Cannot(*NOTHING_YET)
    ended = Term.objects.filter(item=top["item"], **_within("expires_on"))
    if not ended.exists():
        raise claims.Cannot(*NONE_ENDED)
    renewed = ended.filter(outcome__in=["renewed", "deemed"]).values("watch").distinct().count()
    return _value(renewed, "其中续期的，每件一次", "of those renewed, each once")


def main_share() -> claims.Value:
    """A10.1c: the share of holders who renewed."""
    share = Fraction(100 * int(main_renewed().number), int(main_system().number))
    return _value(share, "续期件数÷证照件数", "renewed ÷ licences")


def units() -> claims.Value:
    return _value(
        Item.objects.filter(withdrawn_on=None).values("unit").distinct().count(),
        "有已公布事项的单位",
        "units with published items",
    )


def items() -> claims.Value:
    return _value(Item.objects.filter(withdrawn_on=None).count(), "已公布的提醒事项", "published items")


def licences() -> claims.Value:
    """A10.4: what is held now, whatever the period: a licence that ended stays in the library."""
    held = Watch.objects.count()
    if not held:
        raise claims.Cannot(*NOTHING_YET)
    return _value(held, "纳入提醒的证照，每件一次", "licences under watch, each once")


def reminders() -> claims.Value:
    """A10.5: what a channel has taken; a digest counts once, a second channel for the same reminder does not."""
    if not Inspection.objects.exists():
        raise claims.Cannot("还没有巡检过，无法计算", "Nothing has been inspected yet")
    fixed = claims.fixed_period("expiry")
    first, last = (fixed.first, fixed.last) if fixed else (None, None)
    sent = notices.sent_count(kinds=REMINDERS, first=first, last=last)
    return _value(sent, "渠道已接收的提醒，合并的计一条，改发不重计", "reminders a channel took, a digest once")


def rate() -> claims.Value:
    """A10.6 by R10.6."""
    rate = figures.rate(**_within("expires_on"))
    if not rate.whole:
        raise claims.Cannot(*NONE_ENDED)
    return _value(Fraction(100 * rate.part, rate.whole), f"{rate.part}÷{rate.whole}", f"{rate.part} ÷ {rate.whole}")


def _days(number: int) -> Callable[[], claims.Value]:
    def from_rules() -> claims.Value:
        found = {point.days for point in rules.STAGES.values()}
        return _value(
            number if number in found else 0, f"规则中的天数：{sorted(found)}", f"days in the rules: {sorted(found)}"
        )

    return from_rules


def domains() -> claims.Value:
    return _value(
        Item.objects.filter(withdrawn_on=None).values("domain").distinct().count(),
        "有提醒事项的领域",
        "domains with items",
    )


CLAIMS: dict[str, Callable[[], claims.Value]] = {
    "A10.1a": main_system,
    "A10.1b": main_renewed,
    "A10.1c": main_share,
    "A10.2": units,
    "A10.3": items,
    "A10.4": licences,
    "A10.5": reminders,
    "A10.6": rate,
    "A10.7a": _days(30),
    "A10.7b": _days(7),
    "A10.7c": _days(3),
    "A10.9": domains,
}
