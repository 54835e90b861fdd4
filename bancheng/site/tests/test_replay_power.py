"""A little of the year of shared power, lived through the service's own operations: to the planned fen, again without doubling."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.ledger import public as ledger
from bancheng.kernel.payments import public as payments
from bancheng.lib.refusal import Refused
from bancheng.lib.socketwire import Status
from bancheng.services.sockets.models import Refund, Session, Socket, Ticket
from bancheng.services.sockets.operations import gateways, keeping
from bancheng.services.sockets.rules.sessions import State
from bancheng.sim import uses
from bancheng.sim.meters.field import Field
from bancheng.sim.uses import Ending
from bancheng.site.replay import diary, posts, power

START = date(2026, 3, 2)
REGION = "411000"
pytestmark = pytest.mark.usefixtures("loaded_city")


@pytest.fixture(autouse=True)
def sandbox(settings: Any) -> None:
    settings.SANDBOX_CLOCK = True


def plan(scale: float = 0.01) -> diary.Diary:
    at = datetime.combine(START, time(), tzinfo=UTC)
    return diary.Diary(at, START, 5, scale, None, False)


def few(of_each: int = 1) -> uses.Year:
    """Return a year with a few uses of each ending, all of them of the first days; trips of four kinds."""
    year = power.planned(plan(0.1))
    wanted: Counter[str] = Counter()
    chosen = []
    for one in year.uses:
        kind = f"{one.ending}-{one.code}"
        if wanted[kind] < of_each and (one.edges or one.ending is not Ending.USER):
            wanted[kind] += 1
            chosen.append(one)
    return uses.Year(year.start, year.end, year.began, uses._numbered(chosen, power.prices))


def live(year: uses.Year, folder: Path) -> None:
    for day in sorted(year.by_day):
        keeping.keep_log(today=day)
    with posts.opened(year, folder=folder, name="all") as city:
        posts.births(city, city.now)
        for day in sorted(year.by_day):
            posts.Day(city, day).live()
            for name in city.tills:
                power.bills.settle_day(region=REGION, channel=name, day=day, by="test", at=city.now)
    with pytest.raises(ValueError, match="closed"):  # its books are, with the year
        city.tills["wechat"].pay("late", 1)


def test_every_ending_comes_to_its_last_fen_and_lived_again_adds_nothing(tmp_path: Path) -> None:
    """A1.2, A1.3, F1.6, F1.8 to F1.12: unpaid, not switched on, unplugged, idle, run out, tripped; each to the planned fen."""
    year = few()
    live(year, tmp_path)
    found = {one.socket.code + str(one.created_at): one for one in Session.objects.select_related("socket")}
    for use in year.uses:
        session = found[use.place.code + str(use.at.astimezone(UTC))]
        assert session.state == (State.EXPIRED if use.ending is Ending.UNPAID else State.CLOSED), use
        assert session.used_wh == use.energy_10wh * 10
        if use.used:
            assert session.cost_fen == uses.cost_fen(use, power.prices)
            assert (session.cause, session.cause_code) == (str(use.ending), use.code)
            assert session.refunded_fen == use.prepay_fen - session.cost_fen
    assert {one.ending for one in year.uses} == set(Ending)
    assert list(ledger.verify()) == []
    assert not Ticket.objects.filter(closed_at=None).exists()
    assert not Socket.objects.filter(state="blocked").exists()
    compared = payments.days(REGION, first=year.start, last=year.end)
    assert compared
    assert all(not one.differences for one in compared)
    counts = Session.objects.count(), Refund.objects.count(), ledger.balance(REGION, "sockets/income/energy")
    live(year, tmp_path)
    assert (Session.objects.count(), Refund.objects.count(), ledger.balance(REGION, "sockets/income/energy")) == counts


def one_of(year: uses.Year, ending: Ending) -> uses.Use:
    return next(one for one in year.uses if one.ending is ending)


def assert_it_all_went_back(use: uses.Use) -> None:
    session = Session.objects.get(socket__code=use.place.code, created_at=use.at)
    assert (session.state, session.cost_fen, session.refunded_fen) == (State.CLOSED, 0, use.prepay_fen)
    assert not Ticket.objects.filter(closed_at=None).exists()


def test_a_start_is_refused_by_its_own_socket_though_one_beside_it_opens_in_the_same_second(tmp_path: Path) -> None:
    """F1.8: the answers to all that a gateway is told come from the sockets that were told it."""
    whole = power.planned(plan(0.1))
    opens, refuses = one_of(whole, Ending.USER), one_of(whole, Ending.NOT_STARTED)
    places = (one.place for one in whole.uses)
    place = next(one for one in places if one.gateway == opens.place.gateway and one.wire != opens.place.wire)
    beside = replace(refuses, place=place, at=refuses.at + (opens.over_at - refuses.on_at))
    year = replace(whole, uses=uses._numbered([opens, beside], power.prices))
    live(year, tmp_path)
    opened, refused = one_of(year, Ending.USER), one_of(year, Ending.NOT_STARTED)
    assert refused.on_at == opened.over_at
    assert_it_all_went_back(refused)
    assert Session.objects.get(socket__code=refused.place.code).cause_code == "latched"


def test_the_money_of_a_start_comes_back_though_the_replay_was_killed_before_its_refusal_was_heard(
    tmp_path: Path,
) -> None:
    """B1.3: the command is answered no more, so the session runs out of time, as when a device's answer is lost."""

    class Killed(posts.Day):
        def _obeyed(self, gateway: str, at: datetime) -> list[posts.Parcel]:
            super()._obeyed(gateway, at)
            raise KeyboardInterrupt

    whole = power.planned(plan(0.1))
    use = one_of(whole, Ending.NOT_STARTED)
    year = replace(whole, uses=uses._numbered([use], power.prices))
    keeping.keep_log(today=use.at.date())
    with posts.opened(year, folder=tmp_path, name="all") as city:
        posts.births(city, city.now)
        with pytest.raises(KeyboardInterrupt):
            Killed(city, use.at.date()).live()
    assert Session.objects.get().state == State.PAID
    live(year, tmp_path)
    assert_it_all_went_back(use)


def test_a_use_takes_sixty_two_statements_from_the_scan_to_the_refund_that_arrived(tmp_path: Path) -> None:
    """A use that nobody shares a batch with: five readings heard hour by hour, his stop, the bill, the refund. BEGIN and COMMIT are not counted."""
    whole = power.planned(plan(0.1))
    one = next(
        each
        for each in whole.uses
        if each.ending is Ending.USER
        and not each.edges
        and timedelta(hours=1) < timedelta(seconds=each.seconds) < timedelta(hours=2)
    )
    year = uses.Year(
        whole.start,
        whole.end,
        whole.began,
        uses._numbered([one, replace(one, number=1, at=one.at + timedelta(days=1))], power.prices),
    )
    for day in sorted(year.by_day):
        keeping.keep_log(today=day)
    said: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        said.append(sql)
        return execute(sql, *rest)

    with posts.opened(year, folder=tmp_path, name="all") as city:
        posts.births(city, city.now)
        first, second = sorted(year.by_day)
        posts.Day(city, first).live()  # what is read once in the life of a process
        with connection.execute_wrapper(count):
            posts.Day(city, second).live()
    assert Session.objects.filter(state=State.CLOSED).count() == 2
    its_own = (
        'SELECT "sockets_socket"."code"',
        'SELECT "payments_refund"."id"',
    )  # where the day stands, and what is to be carried on
    said = [sql for sql in said if not sql.startswith(("SAVEPOINT", "RELEASE", *its_own))]
    assert len(said) <= 62, "\n".join(sql[:120] for sql in said)


def code_of(**asked: object) -> str:
    given = {"scale": None, "seed": None, "until": None, "stop": threading.Event(), "tell": lambda _: None} | asked
    with pytest.raises(Refused) as no:
        power.replay(**given)  # type: ignore[arg-type]
    assert "没有" in no.value.says
    return no.value.code


def test_sockets_that_were_used_and_a_house_that_runs_are_not_mixed_with_a_replay(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A1.2: nothing begins on what people have used, beside a worker, or in production."""
    settings.SANDBOX_CLOCK = False
    assert code_of() == "no_replay_here"
    settings.SANDBOX_CLOCK = True
    assert code_of(until=date(2001, 1, 1)) == "until_before_start"
    assert power.diary.read(power.ABOUT) is None
    silent = jobs.status()
    busy = jobs.JobsStatus(0, 0, 0, 0, 0.0, (), (jobs.WorkerState(1, 0.5, 0),))
    monkeypatch.setattr(power.jobs, "status", lambda: busy)
    assert code_of() == "house_runs"
    monkeypatch.setattr(power.jobs, "status", lambda: silent)
    diary.taken_up(lambda _: START, scale=1, seed=1, until=None)
    assert code_of() == "other_replay_under_way"
    diary.end(at=clocks.real_now())
    gateways.heard(Status("gw-0001", True, 3), region=REGION, at=clocks.real_now())
    assert power._checked(0.01, 3, None).seed == 3  # a birth alone is no use
    assert code_of(scale=0.5) == "another_replay"
    assert power._checked(None, None, None).start == clocks.today() - timedelta(days=365)


def test_the_devices_go_on_where_the_year_has_left_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A later boot, from the same register: nothing they say is taken for what the year has said."""
    monkeypatch.setattr(power.house, "var", lambda: tmp_path)
    year = few()
    power._leave_flash(year)
    field = Field(Path(settings.PACK) / "services" / "sockets" / "units.csv", tmp_path / "sim" / "meters")
    for meter, register in year.registers.items():
        found = field.meter(meter)
        assert found
        assert found[1].register_10wh == register
        assert found[1].boot > uses.BOOT
