"""The figures of case one, recomputed from sessions, sites and devices; none is typed in.

Figures of use are counted over the period that was fixed (`claims.fix_period`), or over all that has happened while none is; what is laid out is
counted as of now. What nobody here can count (the wiring a customer is spared, the reports of media) is quoted.
"""

from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db import connection

from bancheng.kernel.audit import public as audit
from bancheng.kernel.claims import public as claims
from bancheng.lib.manifest import PUBLIC
from bancheng.lib.text import Text
from bancheng.services.sockets import assumed, figures
from bancheng.services.sockets.models import Meter, Site, Socket, Unit
from bancheng.services.sockets.rules.places import FORMS, Form, SiteState
from bancheng.services.sockets.rules.protection import PROTECTIONS, Actor
from bancheng.web import entrances

NOTHING_YET = ("还没有结算的用电，无法计算", "No use has been settled yet")
NO_SITES = ("还没有载入站点，无法计算", "No sites are loaded yet")
BEGINNING, END = datetime.fromisoformat("2000-01-01T00:00+00:00"), datetime.fromisoformat("9999-01-01T00:00+00:00")


def row(query: str, **given: Any) -> tuple[Any, ...]:
    """Return the only row of a query over the settled uses of the period; `{settled}` in it stands for which these are."""
    fixed = claims.fixed_period("sockets")
    since, before = figures.whole_period(fixed.first, fixed.last) if fixed else (BEGINNING, END)
    settled = "s.region = %(region)s and s.settled_at >= %(since)s and s.settled_at < %(before)s"
    params = {"region": settings.REGION, "since": since, "before": before, **given}
    with connection.cursor() as cursor:
        cursor.execute(query.replace("{settled}", settled), params)
        return tuple(cursor.fetchone())


def _period() -> tuple[str, str]:
    fixed = claims.fixed_period("sockets")
    return (f"{fixed.first}至{fixed.last}", f"{fixed.first} to {fixed.last}") if fixed else ("全部", "all")


def used() -> tuple[int, int]:
    """Return how many uses were settled, and their Wh. Raises Cannot while there are none."""
    number, wh = row("select count(*), coalesce(sum(s.used_wh), 0) from sockets_session s where {settled}")
    if not number:
        raise claims.Cannot(*NOTHING_YET)
    return number, int(wh)


def sites() -> claims.Value:
    found = Site.objects.filter(region=settings.REGION, state=SiteState.LIVE).count()
    if not found:
        raise claims.Cannot(*NO_SITES)
    return claims.Value(found, detail=Text("登记为在用的站点", "sites in use"))


def uses() -> claims.Value:
    zh, en = _period()
    number, _ = used()
    return claims.Value(number, detail=Text(f"已结算的用电，统计期：{zh}", f"uses settled, period: {en}"))


def energy() -> claims.Value:
    zh, en = _period()
    _, wh = used()
    return claims.Value(
        Fraction(wh, figures.WH_PER_KWH),
        detail=Text(f"{wh:,}瓦时，统计期：{zh}", f"{wh:,} Wh, period: {en}"),
    )


def papers() -> claims.Value:
    """A1.4: the uses times the papers a connection asked for; how many that were is told by the pack."""
    number, _ = used()
    told = assumed.of_pack().get("papers")
    if told is None:
        raise claims.Cannot("资料包没有写明每户次免交几份资料", "The pack does not say how many papers a use is spared")
    return claims.Value(
        number * told.number,
        detail=Text(
            f"估算：{number:,}户次×{told.number}份；{told.source.zh}",
            f"an estimate: {number:,} uses × {told.number} papers; {told.source.en}",
        ),
    )


def days() -> claims.Value:
    """A1.6: the lawful limit of a connection less the working days between payment and power; a use that needed more than a minute counts a day."""
    used()
    told = assumed.of_pack().get("days")
    if told is None:
        raise claims.Cannot("资料包没有写明办电的法定时限", "The pack does not say the lawful limit")
    slow, seconds = row(
        "select count(*) filter (where s.started_at - s.paid_at > interval '1 minute'),"
        " percentile_cont(0.5) within group (order by extract(epoch from s.started_at - s.paid_at))"
        " from sockets_session s where {settled}"
    )
    number, _ = used()
    return claims.Value(
        Fraction(told.number * number - slow, number),
        detail=Text(
            f"{told.source.zh}；付款到通电中位数{seconds:.0f}秒，超过一分钟的{slow}次各按一天扣减",
            f"{told.source.en}; payment to power {seconds:.0f} s in the median, {slow} took over a minute and count a day",
        ),
    )


def protections() -> claims.Value:
    names = "、".join(one.name.zh for one in PROTECTIONS.values())
    names_en = ", ".join(one.name.en for one in PROTECTIONS.values())
    return claims.Value(len(PROTECTIONS), detail=Text(names, names_en))


def zeros() -> claims.Value:
    """A1.11: of the six, how many hold for every use that was settled."""
    number, _ = used()
    staff, unstarted, charged = row(
        f"""
        select (select count(*) from {audit.EVENTS} e join sockets_session s on e.about = 'session:' || s.id
                 where {{settled}} and e.who like 'staff:%%' and e.at <= s.started_at),
               (select count(*) from sockets_session s where {{settled}} and not exists (
                    select from sockets_command c where c.session_id = s.id and c.op = 'start' and c.state = 'done')),
               (select count(*) from sockets_session s
                 where {{settled}} and s.cost_fen + s.lost_fen <> (s.spent_nano + 5000000) / 10000000)
        """
    )
    public = all(PUBLIC in door.who for door in entrances.every() if door.name in USED_BY_EVERYBODY)
    found = {
        "0申请|no application": public,
        "0上门|no visit": not unstarted,
        "0手续|no paperwork": public,
        "0环节|no steps": not staff,
        "0投资|no investment": not charged,
        "0审批|no approval": not staff,
    }
    kept = [name for name, holds in found.items() if holds]
    return claims.Value(
        len(kept),
        detail=Text(
            f"{number:,}次用电：{'、'.join(name.split('|')[0] for name in kept)}"
            f"（通电前有人经办的{staff}次，不是由指令通电的{unstarted}次，收了电费以外费用的{charged}次）",
            f"{number:,} uses: {', '.join(name.split('|')[1] for name in kept)} "
            f"({staff} with staff before power, {unstarted} not switched on by command, {charged} charged for more than energy)",
        ),
    )


USED_BY_EVERYBODY = ("sockets:socket", "sockets:use", "sockets:sheet", "sockets:stop", "sockets:receipt")


def devices() -> claims.Value:
    """A1.12: of the five core devices, how many kinds are laid out."""
    units = Unit.objects.filter(region=settings.REGION, retired_on=None)
    found = {
        "计量表箱|meter box": units.filter(form=Form.BOX).exists(),
        "智能电能表|smart meter": Meter.objects.filter(region=settings.REGION, removed_at=None).exists(),
        "智能保护开关|protective switch": any(one.actor is Actor.HARDWARE for one in PROTECTIONS.values())
        and units.exists(),
        "多功能插座|socket": Socket.objects.filter(region=settings.REGION).exists(),
        "共享电源终端|terminal": units.exclude(gateway="").exists(),
    }
    there = [name for name, is_there in found.items() if is_there]
    return claims.Value(
        len(there),
        detail=Text("、".join(n.split("|")[0] for n in there), ", ".join(n.split("|")[1] for n in there)),
    )


def forms() -> claims.Value:
    found = sorted(set(Unit.objects.filter(region=settings.REGION, retired_on=None).values_list("form", flat=True)))
    if not found:
        raise claims.Cannot(*NO_SITES)
    return claims.Value(
        len(found),
        detail=Text("、".join(FORMS[Form(one)].zh for one in found), ", ".join(FORMS[Form(one)].en for one in found)),
    )


CLAIMS: dict[str, Callable[[], claims.Value]] = {
    "A1.1": sites,
    "A1.2": uses,
    "A1.3": energy,
    "A1.4": papers,
    "A1.6": days,
    "A1.10": protections,
    "A1.11": zeros,
    "A1.12": devices,
    "A1.13": forms,
}
