"""The figures of case one and its promises: right where all is well, and every promise can be found broken."""

from datetime import timedelta
from fractions import Fraction

import pytest
from django.db import connection

from bancheng.kernel.claims import public as claims
from bancheng.kernel.ratings import public as ratings
from bancheng.lib.days import day_of
from bancheng.lib.socketwire import EventKind
from bancheng.services.sockets import rating
from bancheng.services.sockets.claims import CLAIMS
from bancheng.services.sockets.models import Meter, Session, Site, Stay, Unit
from bancheng.services.sockets.operations import commands
from bancheng.services.sockets.promises import PROMISES
from bancheng.services.sockets.tests import walking
from bancheng.services.sockets.tests.walking import NINE, Device, paid, reserve, tell

pytestmark = pytest.mark.usefixtures("loaded_city")
ALL = {**CLAIMS, **PROMISES}
GATEWAY = "gw-x"


def use(device: Device, hour: int, code: str, kind: EventKind) -> Session:
    """Bring a use of 30 Wh from the scan to the refund that arrived."""
    at = NINE + hour * timedelta(hours=2)
    session = paid(reserve(at=at), at + timedelta(seconds=5))
    commands.to_send([GATEWAY], at=at + timedelta(seconds=5))
    tell(device.close(session, at + timedelta(seconds=6)))
    tell(device.reading(at + timedelta(minutes=30), more_10wh=3))
    tell(device.open(at + timedelta(minutes=31), code, kind))
    walking.refund_moves(session, "processing", at + timedelta(minutes=32))
    return walking.refund_moves(session, "success", at + timedelta(minutes=33))


@pytest.fixture
def used() -> Session:
    """Two uses of one socket, the second ended by a protection."""
    found = walking.socket(gateway=GATEWAY)
    site = Site.objects.get(code="S1")
    Site.objects.filter(pk=site.pk).update(public_account="GGYH-X")
    Stay.objects.create(region="411000", unit=Unit.objects.get(gateway=GATEWAY), site=site, since=NINE, moved_by="t")
    device = Device(gateway=GATEWAY, meter=Meter.objects.get(socket=found).address)
    use(device, 0, "stop", EventKind.OPENED)
    return use(device, 1, "OC", EventKind.TRIPPED)


def spoil(statement: str) -> None:
    """Do what no operation of ours does; the database's own guards are off meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_the_figures_are_what_was_used(used: Session) -> None:
    """A1.1, A1.2, A1.3, A1.4, A1.6, A1.10, A1.11: counted, or reckoned with the assumption in sight."""
    found = {code: CLAIMS[code]() for code in CLAIMS}
    assert found["A1.1"].number == 47  # the city's 46 and this one
    assert found["A1.2"].number == 2
    assert found["A1.3"].number == Fraction(60, 1000)
    assert found["A1.4"].number == 2 * 2
    assert "2份" in found["A1.4"].detail.zh
    assert found["A1.6"].number == 5
    assert (found["A1.10"].number, found["A1.11"].number) == (8, 6)
    assert (found["A1.12"].number, found["A1.13"].number) == (5, 4)
    assert all(one.detail.zh for one in found.values())
    assert all(one.detail.en for one in found.values())


def test_what_happens_after_the_period_was_fixed_is_not_counted(used: Session) -> None:
    """A1.2"""
    before = day_of(NINE) - timedelta(days=1)
    claims.fix_period("sockets", first=before, last=before, region="411000", by="t", at=NINE)
    with pytest.raises(claims.Cannot):
        CLAIMS["A1.2"]()
    claims.fix_period("sockets", first=before, last=day_of(NINE), region="411000", by="t", at=NINE)
    assert CLAIMS["A1.2"]().number == 2


def test_every_promise_is_kept_where_all_is_well(used: Session) -> None:
    """F1.1, F1.2, F1.4 to F1.19"""
    for code, promise in PROMISES.items():
        if code != "F1.21":  # nobody has rated
            assert promise().number == 1, (code, promise().detail.zh)


def test_without_a_use_nothing_is_claimed() -> None:
    for code in ("A1.2", "A1.3", "A1.4", "A1.6", "A1.11", "F1.5", "F1.8", "F1.11", "F1.15", "F1.18"):
        with pytest.raises(claims.Cannot):
            ALL[code]()


@pytest.mark.parametrize(
    ("codes", "statement"),
    [
        ("F1.2", "DELETE FROM sockets_stay"),
        ("F1.4", "UPDATE sockets_site SET public_account = '' WHERE code = 'XC01'"),
        ("F1.5", "DELETE FROM sockets_segment"),
        ("F1.6", "UPDATE sockets_session SET cause_code = '' WHERE cause = 'trip'"),
        ("F1.7 F1.9", "UPDATE sockets_session SET used_wh = used_wh + 10"),
        ("F1.8 A1.6", "UPDATE sockets_session SET started_at = started_at + interval '2 minutes'"),
        ("F1.10 F1.13 F1.17 F1.16", "UPDATE sockets_session SET cost_fen = cost_fen + 100, refunded_fen = refunded_fen - 100"),
        ("F1.11", "UPDATE sockets_session SET state = 'refunding', settled_at = settled_at - interval '3 days' WHERE cause = 'user'"),
        ("F1.12", "UPDATE sockets_session SET cut_seq = NULL"),
        ("F1.14", "UPDATE sockets_site SET state = 'planned' WHERE scenario = 'irrigation'"),
        ("F1.15", "UPDATE sockets_session SET settled_at = NULL WHERE cause = 'user'"),
        ("F1.18", "UPDATE sockets_session SET bill = jsonb_set(bill, '{0,price}', '700000')"),
    ],
)  # fmt: skip
def test_a_broken_promise_is_found(used: Session, codes: str, statement: str) -> None:
    """F1.2, F1.4 to F1.18: one row changed behind our back, and the claim says so."""
    spoil(statement)
    for code in codes.split():
        found = ALL[code]()
        assert found.number == 0 or (code.startswith("A") and found.number < 5), found.detail.zh


def test_satisfaction_is_what_people_said(used: Session) -> None:
    """F1.21, R-RT-6: nobody has said anything; somebody has; somebody is said to have."""
    rating.open_for(used, at=NINE)
    with pytest.raises(claims.Cannot):
        PROMISES["F1.21"]()
    (occasion,) = ratings.of_abouts([f"session:{used.pk}"])
    ratings.rate(occasion_id=occasion.id, said=ratings.Said(4), terms=ratings.Terms(), at=NINE)
    assert PROMISES["F1.21"]().number == 1
    spoil("UPDATE ratings_occasion SET grade = 5")
    assert PROMISES["F1.21"]().number == 0


def test_staff_between_payment_and_power_would_be_a_step(used: Session) -> None:
    """A1.11: of the six zeros two would be gone."""
    spoil(
        "INSERT INTO audit_event (region, at, action, who, about, detail) SELECT region, started_at, 'x.y', 'staff:1',"
        " 'session:' || id, '{}' FROM sockets_session LIMIT 1"
    )
    assert CLAIMS["A1.11"]().number == 4


def test_what_nobody_here_can_count_is_quoted_with_the_reason() -> None:
    """A1.5, A1.7, A1.8, A1.9, F1.3, F1.20: investment, media, patents, the prize, a principle, the fires that did not happen."""
    found = {one.code: one for one in claims.all_claims() if one.code.split(".")[0] in ("A1", "F1")}
    quoted = {code for code, one in found.items() if one.kind is claims.Kind.QUOTED}
    assert quoted == {"A1.5", "A1.7", "A1.8a", "A1.8b", "A1.8c", "A1.9", "F1.3", "F1.20"}
    assert "不能独立复算" in found["A1.5"].definition.zh
    computed = {code for code, one in found.items() if one.kind in (claims.Kind.COMPUTED, claims.Kind.PROMISE)}
    assert computed == set(ALL)
    assert not [code for code, one in found.items() if one.kind is claims.Kind.NOT_YET]
