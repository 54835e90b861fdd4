"""The promises of case one, each asked of sessions, devices, prices and doors; every one of them can be found broken.

Where nothing has happened yet there is nothing to keep or break: `Cannot`, with the sentence that says so. `detail` always says how many were
looked at and how many break the promise.
"""

from collections.abc import Callable

from django.conf import settings

from bancheng.kernel.audit import public as audit
from bancheng.kernel.claims import public as claims
from bancheng.kernel.ledger import public as ledger
from bancheng.kernel.ratings import public as ratings
from bancheng.lib.manifest import PUBLIC
from bancheng.lib.text import Text
from bancheng.services.sockets import claims as figures
from bancheng.services.sockets.claims import USED_BY_EVERYBODY, row, used
from bancheng.services.sockets.models import Plan, Site, Stay, Unit
from bancheng.services.sockets.rules import money
from bancheng.services.sockets.rules.places import Scenario, SiteState
from bancheng.services.sockets.rules.protection import PROTECTIONS
from bancheng.services.sockets.rules.sessions import START_SECONDS
from bancheng.web import entrances

NAMED_SCENARIOS = (Scenario.STREET, Scenario.IRRIGATION, Scenario.FAIR)  # 商业街、农排灌溉、乡村集市


def kept(broken: int, zh: str, en: str) -> claims.Value:
    """Return 1 when nothing breaks the promise, else 0."""
    return claims.Value(int(not broken), detail=Text(zh, en))


def _counted(condition: str, zh: str, en: str) -> claims.Value:
    """Return whether no settled use fulfils `condition`."""
    number, _ = used()
    (broken,) = row(f"select count(*) from sockets_session s where {{settled}} and ({condition})")
    return kept(broken, f"已结算{number:,}次，{zh}{broken}次", f"{number:,} settled, {broken} {en}")


def _as_many(value: claims.Value, wanted: int) -> claims.Value:
    return claims.Value(int(value.number >= wanted), detail=value.detail)


def four_forms() -> claims.Value:
    """F1.2: the four product forms, and of every unit where it stood."""
    found = figures.forms()
    units = Unit.objects.filter(region=settings.REGION)
    nowhere = units.exclude(pk__in=Stay.objects.values("unit")).count()
    return kept(
        (found.number < 4) + nowhere,
        f"{found.detail.zh}；没有位置记录的设备{nowhere}台",
        f"{found.detail.en}; {nowhere} units without a record of where they stood",
    )


def public_accounts() -> claims.Value:
    """F1.4: each site has its public-user account, and none is anybody else's."""
    live = Site.objects.filter(region=settings.REGION, state=SiteState.LIVE)
    if not live.exists():
        raise claims.Cannot(*figures.NO_SITES)
    without = live.filter(public_account="").count()
    return kept(without, f"在用站点{live.count()}处，没有公共用户档案的{without}处", f"{live.count()} sites, {without} without an account")  # fmt: skip


def online() -> claims.Value:
    """F1.5: reserved, paid, switched, metered and settled by the platform, each step of every use on record."""
    number, _ = used()
    (broken,) = row(
        f"""
        select count(*) from sockets_session s where {{settled}} and not (
            exists (select from sockets_prepay p where p.session_id = s.id and p.counts)
            and exists (select from sockets_command c where c.session_id = s.id and c.op = 'start')
            and exists (select from sockets_segment g where g.session_id = s.id)
            and exists (select from {audit.EVENTS} e where e.about = 'session:' || s.id and e.action = 'sockets.session_settle'))
        """
    )
    return kept(
        broken, f"已结算{number:,}次，环节不全的{broken}次", f"{number:,} settled, {broken} with a step missing"
    )


def cut_by_protections() -> claims.Value:
    """F1.6: each use a protection ended says which, and ends at the register of that moment."""
    known = ", ".join(f"'{code}'" for code in PROTECTIONS)
    (number,) = row("select count(*) from sockets_session s where {settled} and s.cause = 'trip'")
    if not number:
        raise claims.Cannot("还没有因保护动作结束的用电，无从检验", "No use was ended by a protection yet")
    (broken,) = row(
        "select count(*) from sockets_session s where {settled} and s.cause = 'trip'"
        f" and (s.cause_code not in ({known}) or s.cut_10wh is null)"
    )
    return kept(broken, f"保护动作{number}次，原因或示数不全的{broken}次", f"{number} trips, {broken} without cause or register")  # fmt: skip


def shared_data() -> claims.Value:
    """F1.7, F1.9: what the gateway stored, what the register counted and what was billed are one number, for every use."""
    return _counted(
        "s.used_wh <> coalesce((select sum(g.energy_10wh) * 10 from sockets_segment g where g.session_id = s.id), -1)"
        " or s.used_wh <> coalesce((select sum((l ->> 'wh')::int) from jsonb_array_elements(s.bill) l), 0)",
        "表计、采集与账单电量不一致的",
        "where meter, acquisition and bill disagree",
    )


def at_once() -> claims.Value:
    """F1.8: open to everybody without an account, and power within fifteen seconds of the payment."""
    closed = [door.name for door in entrances.every() if door.name in USED_BY_EVERYBODY and PUBLIC not in door.who]
    found = _counted(
        f"s.started_at - s.paid_at > interval '{START_SECONDS} seconds'", f"付款后超过{START_SECONDS}秒才通电的", f"with power later than {START_SECONDS} s"
    )  # fmt: skip
    return kept(
        (not found.number) + len(closed),
        f"{found.detail.zh}；需要登录的页面{len(closed)}个",
        f"{found.detail.en}; {len(closed)} pages behind a sign-in",
    )


def as_used() -> claims.Value:
    """F1.10: the charge is the energy at its prices, rounded once; what goes beyond the prepayment is ours."""
    return _counted("s.cost_fen + s.lost_fen <> (s.spent_nano + 5000000) / 10000000", "电费与用量不符的", "charged otherwise than used")  # fmt: skip


def sent_back() -> claims.Value:
    """F1.11: what is left went back to the payment it came from; a day later nothing is owed."""
    number, _ = used()
    broken, other = row(
        """
        select (select count(*) from sockets_session s where {settled} and s.state <> 'closed'
                   and s.settled_at < (select max(settled_at) from sockets_session) - interval '1 day'),
               (select count(*) from sockets_refund r join sockets_session s on s.id = r.session_id
                  join sockets_prepay p on p.id = r.prepay_id where {settled} and p.session_id <> s.id)
        """
    )
    return kept(
        broken + other,
        f"已结算{number:,}次，一天后仍未退清的{broken}次，退到别处的{other}次",
        f"{number:,} settled, {broken} not squared a day later, {other} sent elsewhere",
    )


def switched_off() -> claims.Value:
    """F1.12: every use ends with the relay seen open."""
    return _counted("s.cut_seq is null", "没有看到断电的", "without the relay seen open")


def energy_only() -> claims.Value:
    """F1.13, F1.17: no fee beside the energy: one income account, and every charge is energy times price."""
    found = as_used()
    other = sorted(set(ledger.balances(settings.REGION, "sockets/income/")) - {money.INCOME})
    return kept(
        (not found.number) + len(other),
        f"{found.detail.zh}；电费以外的收入科目{len(other)}个",
        f"{found.detail.en}; {len(other)} income accounts beside energy",
    )


def scenarios() -> claims.Value:
    """F1.14: the scenarios the source names have sites."""
    there = set(Site.objects.filter(region=settings.REGION, state=SiteState.LIVE).values_list("scenario", flat=True))
    missing = [one for one in NAMED_SCENARIOS if one not in there]
    return kept(len(missing), f"有站点的场景{len(there)}种，点名的缺{len(missing)}种", f"{len(there)} scenarios with sites, {len(missing)} of those named without")  # fmt: skip


def many_to_one() -> claims.Value:
    """F1.15: one supply, one account, many customers."""
    number, _ = used()
    sites, shared = row(
        "select count(*), count(*) filter (where n > 1) from (select s.site_id, count(*) as n from sockets_session s where {settled} group by 1) t"
    )
    return kept(not shared, f"{number:,}次用电在{sites}处站点，服务多位客户的{shared}处", f"{number:,} uses at {sites} sites, {shared} served more than one")  # fmt: skip


def no_mark_up() -> claims.Value:
    """F1.18: every price charged stands in a plan that two persons approved."""
    alone = Plan.objects.filter(region=settings.REGION, state="approved", decided_by="").count()
    found = _counted(
        "exists (select from jsonb_array_elements(s.bill) l where not exists (select from sockets_price p"
        " where p.plan_id = s.plan_id and p.price = (l ->> 'price')::int and p.band = l ->> 'band'))",
        "单价不在电价表中的",
        "at a price of no plan",
    )
    return kept((not found.number) + alone, f"{found.detail.zh}；未经第二人批准的电价{alone}版", f"{found.detail.en}; {alone} plans without a second person")  # fmt: skip


def satisfaction() -> claims.Value:
    """F1.21: whoever has his bill may rate; each grade is one that somebody said, and silence is none (R-RT-6)."""
    found = ratings.figures.spoken(settings.REGION, "sockets")
    if not found.rated:
        raise claims.Cannot("还没有人评价过用电，无从检验", "Nobody has rated a use yet")
    return kept(
        found.unsaid,
        f"可评价{found.open}次，已评价{found.rated}次，无人说过的等次{found.unsaid}个",
        f"{found.open} may be rated, {found.rated} were, {found.unsaid} grades nobody said",
    )


PROMISES: dict[str, Callable[[], claims.Value]] = {
    "F1.1": lambda: _as_many(figures.devices(), 5),
    "F1.2": four_forms,
    "F1.4": public_accounts,
    "F1.5": online,
    "F1.6": cut_by_protections,
    "F1.7": shared_data,
    "F1.8": at_once,
    "F1.9": shared_data,
    "F1.10": as_used,
    "F1.11": sent_back,
    "F1.12": switched_off,
    "F1.13": energy_only,
    "F1.14": scenarios,
    "F1.15": many_to_one,
    "F1.16": lambda: _as_many(figures.zeros(), 6),
    "F1.17": energy_only,
    "F1.18": no_mark_up,
    "F1.19": lambda: _as_many(figures.protections(), 8),
    "F1.21": satisfaction,
}
