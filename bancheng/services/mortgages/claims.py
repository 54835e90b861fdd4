"""The figures and promises of case thirteen, recomputed from what the office told, what was agreed, and where the paper is; none is typed in.

Where nothing has happened yet there is nothing to keep or break: `Cannot`, with the sentence that says so.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db import connection

from bancheng.kernel.audit import public as audit
from bancheng.kernel.claims import public as claims
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.text import Text
from bancheng.services.mortgages import terms
from bancheng.services.mortgages.models import Agreement, Bundle, Outlet, ServiceOfficer
from bancheng.services.mortgages.queries import agreements, archive, serving
from bancheng.services.mortgages.rules.agreements import State
from bancheng.services.mortgages.rules.channels import Channel, Kind

NONE_FILED = ("还没有网办件，无法计算", "Nothing has been filed yet")
NONE_RECORDED = ("还没有登簿的抵押，无从检验", "No mortgage has been recorded yet")

SET_UP_BY_BANKS = "region = %(region)s and bank <> '' and kind in ('mortgage.set', 'mortgage.pre')"


def _row(query: str, **given: Any) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"region": settings.REGION, **given})
        return tuple(cursor.fetchone())


def _kept(broken: int, zh: str, en: str) -> claims.Value:
    """Return 1 when nothing breaks the promise, else 0."""
    return claims.Value(int(not broken), detail=Text(zh, en))


def filed() -> claims.Value:
    """A13.1: applications of mortgages the office took in, by any channel but its own counter."""
    number, channels = _row(
        "select count(*), count(distinct channel) from mortgages_tracked where region = %(region)s and channel <> 'window'"
    )
    if not number:
        raise claims.Cannot(*NONE_FILED)
    return claims.Value(
        number, detail=Text(f"{channels}类渠道，一个编号", f"{channels} kinds of channel, one series of numbers")
    )


def banks() -> claims.Value:
    """A13.2: banks with an outlet and an agreement in force that names set-up and cancellation."""
    today = clocks.today()
    of_outlets = set(Outlet.objects.filter(channel=Channel.BANK, retired_at=None).values_list("bank", flat=True))
    rows = Agreement.objects.filter(state=State.SIGNED, first_on__lte=today, last_on__gte=today, bank__in=of_outlets)
    found = sorted(one.bank for one in rows if {Kind.SET_UP, Kind.CANCEL} <= set(one.scope))
    if not of_outlets:
        raise claims.Cannot("还没有载入网点", "No outlets are loaded yet")
    names = agreements.bank_names(found)
    return claims.Value(
        len(found), detail=Text("、".join(names[one].zh for one in found), ", ".join(names[one].en for one in found))
    )


def developers() -> claims.Value:
    """A13.3: developers with an outlet."""
    found = Outlet.objects.filter(channel=Channel.DEVELOPER, retired_at=None).count()
    if not found:
        raise claims.Cannot("还没有载入网点", "No outlets are loaded yet")
    return claims.Value(found, detail=Text("在用的开发企业服务网点", "developers' outlets in use"))


def _served() -> serving.Figures:
    return serving.figures()


def visits() -> claims.Value:
    found = _served().visits
    if not found:
        raise claims.Cannot("还没有登记上门服务", "No visit is on record yet")
    return claims.Value(found, detail=Text("登记的上门服务", "visits on record"))


def symposiums() -> claims.Value:
    found = _served().symposiums
    if not found:
        raise claims.Cannot("还没有登记座谈会", "No symposium is on record yet")
    return claims.Value(found, detail=Text("登记的座谈会", "symposiums on record"))


def _requests() -> serving.Figures:
    found = _served()
    if not found.received:
        raise claims.Cannot("还没有收到诉求", "No request was made yet")
    return found


def solved() -> claims.Value:
    found = _requests()
    return claims.Value(found.solved, detail=Text(f"收到{found.received}起", f"{found.received} received"))


def on_spot() -> claims.Value:
    return claims.Value(
        _requests().on_spot, detail=Text("研判为现场办理并已答复", "sorted as solved on the spot, and answered")
    )


def coordinated() -> claims.Value:
    return claims.Value(
        _requests().coordinated, detail=Text("与其他部门协调并已答复", "solved with others, and answered")
    )


def done_share() -> claims.Value:
    found = _requests()
    return claims.Value(
        Fraction(100 * found.solved, found.received),
        detail=Text(f"{found.solved}÷{found.received}", f"{found.solved} of {found.received}"),
    )


def content_share() -> claims.Value:
    """A13.5f: of those rated; silence is no grade and is told apart."""
    found = _requests()
    if not found.rated:
        raise claims.Cannot("还没有银行评价过", "No bank has rated yet")
    return claims.Value(
        Fraction(100 * found.content, found.rated),
        detail=Text(f"满意{found.content}÷已评价{found.rated}；未评价{found.solved - found.rated}", f"{found.content} of {found.rated} rated; {found.solved - found.rated} not rated"),
    )  # fmt: skip


def service_points() -> claims.Value:
    """F13.2: each bank with an agreement has a service point."""
    today = clocks.today()
    held = set(
        Agreement.objects.filter(state=State.SIGNED, first_on__lte=today, last_on__gte=today).values_list(
            "bank", flat=True
        )
    )
    if not held:
        raise claims.Cannot("还没有生效的合作协议", "No agreement is in force")
    without = held - set(Outlet.objects.filter(channel=Channel.BANK, retired_at=None).values_list("bank", flat=True))
    return _kept(len(without), f"签约银行{len(held)}家，没有服务点的{len(without)}家", f"{len(held)} banks, {len(without)} without a point")  # fmt: skip


def officers() -> claims.Value:
    """F13.3: each bank has one chief service officer."""
    known = {code for code, _ in agreements.banks()}
    held = set(ServiceOfficer.objects.filter(before=None).values_list("bank", flat=True))
    if not held:
        raise claims.Cannot("还没有指定首席服务官", "No chief service officer is named yet")
    return _kept(len(known - held), f"银行{len(known)}家，未配备的{len(known - held)}家", f"{len(known)} banks, {len(known - held)} without one")  # fmt: skip


def whole_process() -> claims.Value:
    """F13.4: each request that was answered was collected and sorted before."""
    _requests()
    number, broken = _row(
        """
        select count(*), count(*) filter (where not exists (
                 select from mortgages_requestline l where l.request_id = r.id and l.what = 'sorted'))
          from mortgages_bankrequest r where r.region = %(region)s and r.state in ('answered', 'rated')
        """
    )
    return _kept(broken, f"已答复{number}起，未经研判分类的{broken}起", f"{number} answered, {broken} never sorted")


def with_the_loan() -> claims.Value:
    """F13.5: what a bank files names the loan it secures."""
    number, broken = _row(
        f"select count(*), count(*) filter (where not with_loan) from mortgages_tracked where {SET_UP_BY_BANKS}"
    )
    if not number:
        raise claims.Cannot(*NONE_FILED)
    return _kept(
        broken, f"随贷申报{number}件，没有借款合同的{broken}件", f"{number} filed with a loan, {broken} without"
    )


def straight_to_the_bank() -> claims.Value:
    """F13.6: each recorded mortgage that a bank filed has its proof."""
    number, broken = _row(
        """
        select count(*), count(*) filter (where certified_at is null and recorded_at < now() - interval '1 hour')
          from mortgages_tracked where region = %(region)s and bank <> '' and recorded_at is not null and kind <> 'mortgage.cancel'
        """
    )
    if not number:
        raise claims.Cannot(*NONE_RECORDED)
    return _kept(
        broken,
        f"银行申报已登簿{number}件，没有电子证明的{broken}件",
        f"{number} recorded for banks, {broken} without a proof",
    )


def agreed() -> claims.Value:
    """F13.7: nothing new was filed by a bank on a day on which it had no agreement in force."""
    number, broken = _row(
        """
        select count(*), count(*) filter (where not exists (
                 select from mortgages_agreement a where a.region = t.region and a.bank = t.bank and a.state in ('signed', 'ended')
                    and (t.filed_at at time zone 'Asia/Shanghai')::date between a.first_on and a.last_on
                    and (a.ended_at is null or a.ended_at > t.filed_at)))
          from mortgages_tracked t
         where t.region = %(region)s and t.bank <> '' and t.kind not in ('mortgage.cancel', 'mortgage.release')
        """
    )
    if not number:
        raise claims.Cannot(*NONE_FILED)
    return _kept(
        broken, f"银行新申报{number}件，没有协议的{broken}件", f"{number} filed by banks, {broken} without an agreement"
    )


def kept_by_the_bank() -> claims.Value:
    """F13.8, R13.7: each recording of a bank has a bundle, listed; each filed one has a keeper; every chain holds."""
    recorded, owed = _row(
        """
        select count(*), count(*) filter (where b.id is null and t.recorded_at < now() - interval '1 hour')
          from mortgages_tracked t left join mortgages_bundle b on b.region = t.region and b.about = 'registration:' || t.application
         where t.region = %(region)s and t.bank <> '' and t.recorded_at is not null
        """
    )
    if not recorded:
        raise claims.Cannot(*NONE_RECORDED)
    late = Bundle.objects.filter(state="owed", due_on__lt=clocks.today()).count()
    wrong = sum(1 for _ in archive.verify(settings.REGION))
    return _kept(
        owed + late + wrong,
        f"已登簿{recorded}件，没有目录的{owed}件，逾期未归档的{late}卷，保管链不符的{wrong}处",
        f"{recorded} recorded, {owed} without a list, {late} not filed in time, {wrong} chains that do not hold",
    )


def from_the_book() -> claims.Value:
    """F13.9: each mortgage that a bank filed had been asked of the book by that bank, on record, before, from its desk or by its system."""
    number, broken = _row(
        f"""
        select count(*), count(*) filter (where not exists (
                 select from {audit.EVENTS} e
                  where e.action = 'mortgages.quoted' and e.about in ('lot:' || lot, 'parcel:' || left(lot, 19)) and e.at <= filed_at
                    and e.detail ->> 'bank' = bank))
          from mortgages_tracked where {SET_UP_BY_BANKS}
        """
    )
    if not number:
        raise claims.Cannot(*NONE_FILED)
    return _kept(broken, f"银行申报设立{number}件，事先没有查询登记簿的{broken}件", f"{number} filed by banks, {broken} without asking the book")  # fmt: skip


def set_up_and_cancelled() -> claims.Value:
    """F13.10: banks have set up and cancelled, and each cancellation was recorded on the day it was filed (R13.6)."""
    set_up, cancelled, late = _row(
        """
        select count(*) filter (where kind = 'mortgage.set'), count(*) filter (where kind = 'mortgage.cancel'),
               count(*) filter (where kind = 'mortgage.cancel'
                 and (recorded_at at time zone 'Asia/Shanghai')::date > (submitted_at at time zone 'Asia/Shanghai')::date)
          from mortgages_tracked where region = %(region)s and bank <> '' and recorded_at is not null
        """
    )
    if not set_up or not cancelled:
        raise claims.Cannot("还没有登簿的设立和注销", "No set-up and cancellation have been recorded yet")
    return _kept(late, f"设立{set_up}件，注销{cancelled}件，非当日注销的{late}件", f"{set_up} set up, {cancelled} cancelled, {late} not the same day")  # fmt: skip


def nine_channels() -> claims.Value:
    """F13.11: nine kinds of channel with an outlet, and no number used twice."""
    there = set(Outlet.objects.filter(retired_at=None).values_list("channel", flat=True)) & set(terms.channels())
    number, distinct = _row("select count(*), count(distinct number) from mortgages_tracked where region = %(region)s")
    return _kept(
        (len(there) < len(Channel)) + (number - distinct),
        f"渠道{len(there)}类，申请{number}件，编号重复的{number - distinct}件",
        f"{len(there)} kinds of channel, {number} applications, {number - distinct} numbers used twice",
    )


def published() -> claims.Value:
    """F13.12: the five goals and the rules of conduct stand on the public page, as the city's pack has them."""
    set_ = terms.of_pack()
    missing = max(0, 5 - len(set_.goals)) + (not set_.conduct)
    return _kept(missing, f"五减目标{len(set_.goals)}项，规范{len(set_.conduct)}条，公开页面展示", f"{len(set_.goals)} goals and {len(set_.conduct)} rules, on the public page")  # fmt: skip


CLAIMS: dict[str, Callable[[], claims.Value]] = {
    "A13.1": filed,
    "A13.2": banks,
    "A13.3": developers,
    "A13.4": visits,
    "A13.5a": symposiums,
    "A13.5b": solved,
    "A13.5c": on_spot,
    "A13.5d": coordinated,
    "A13.5e": done_share,
    "A13.5f": content_share,
    "F13.2": service_points,
    "F13.3": officers,
    "F13.4": whole_process,
    "F13.5": with_the_loan,
    "F13.6": straight_to_the_bank,
    "F13.7": agreed,
    "F13.8": kept_by_the_bank,
    "F13.9": from_the_book,
    "F13.10": set_up_and_cancelled,
    "F13.11": nine_channels,
    "F13.12": published,
}
