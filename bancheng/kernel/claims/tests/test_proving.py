import shutil
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from django.db import connection

from bancheng.kernel.audit import testing as audit
from bancheng.kernel.claims import public as claims
from bancheng.kernel.claims.models import Claim, Found, Run
from bancheng.kernel.claims.public import Cannot, Result, Value
from bancheng.kernel.claims.testing import registered
from bancheng.lib.text import Text

pytestmark = pytest.mark.django_db
CITY = Path(__file__).parents[4] / "packs" / "xuchang" / "claims"
REGION = "411000"
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def city():
    claims.load(CITY, region=REGION, by="test", at=AT)


def prove(*, at=AT, **queries):
    with registered(**queries):
        return claims.prove(at=at)


def proof(proving, code):
    return next(proof for proof in proving.proofs if proof.code == code)


def counting(sql):
    def query():
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return Value(cursor.fetchone()[0])

    return query


def test_a_query_that_finds_the_figure_matches():
    proving = prove(A10_2=counting("SELECT count(*) FROM generate_series(1, 37)"))
    found = proof(proving, "A10.2")
    assert (found.result, found.number, found.as_of) == (Result.MATCHES, 37, date(2026, 11, 23))
    assert proving.ok


def test_a_wrong_query_is_shown_as_differing_with_both_numbers():
    """A10.2: what is computed is never bent to what is printed."""
    proving = prove(A10_2=counting("SELECT count(*) FROM generate_series(1, 36)"))
    found = proof(proving, "A10.2")
    assert (found.result, found.number, found.said, found.expected) == (Result.DIFFERS, 36, Decimal(37), "37家")
    assert not proving.ok


def test_a_figure_without_a_query_cannot_be_computed_and_does_not_match():
    found = proof(prove(), "A10.2")
    assert (found.result, found.number) == (Result.CANNOT, None)
    assert found.detail.zh == "还没有登记复算的查询"


def test_a_query_that_cannot_answer_says_why():
    def query():
        raise Cannot("尚未装入证照", "no licences are loaded")

    found = proof(prove(A10_4=query), "A10.4")
    assert (found.result, found.detail) == (Result.CANNOT, Text("尚未装入证照", "no licences are loaded"))


def test_a_broken_query_is_a_finding_and_hides_no_other(caplog):
    proving = prove(A10_2=counting("SELECT nonsense"), A10_3=lambda: Value(58))
    assert proof(proving, "A10.2").result is Result.CANNOT
    assert "UndefinedColumn" in proof(proving, "A10.2").detail.zh or "ProgrammingError" in (
        proof(proving, "A10.2").detail.zh
    )
    assert proof(proving, "A10.3").result is Result.MATCHES
    assert "A10.2 cannot be computed" in caplog.text


def test_a_query_may_not_write():
    proving = prove(A10_2=counting("UPDATE claims_case SET title = title RETURNING 37"), A10_3=lambda: Value(58))
    assert proof(proving, "A10.2").result is Result.CANNOT
    assert proof(proving, "A10.3").result is Result.MATCHES
    assert Run.objects.count() == 1


def test_a_query_in_another_unit_is_not_compared():
    found = proof(prove(A10_2=lambda: Value(37, unit="项")), "A10.2")
    assert (found.result, found.number) == (Result.CANNOT, None)


def test_quoted_figures_and_services_not_built_stay_what_they_are():
    proving = prove()
    assert proof(proving, "A1.9").result is Result.QUOTED
    assert proof(proving, "A2.1").result is Result.NOT_YET


def test_a_quoted_figure_is_never_computed_though_somebody_registers_it():
    proving = prove(A1_9=lambda: Value(1))
    assert proof(proving, "A1.9").result is Result.QUOTED
    assert proving.strays == ("A1.9",)


def test_a_service_that_has_come_is_computed_though_the_pack_says_not_yet():
    assert proof(prove(A2_1=lambda: Value(65_000)), "A2.1").result is Result.MATCHES


def test_a_query_for_no_claim_of_this_city_is_named():
    assert prove(A99_1=lambda: Value(1)).strays == ("A99.1",)


@pytest.mark.parametrize(("kept", "result"), [(1, Result.MATCHES), (0, Result.DIFFERS)])
def test_a_promise_is_kept_or_broken(kept, result):
    """F10.9: identity numbers encrypted, as a check says."""
    assert proof(prove(F10_9=lambda: Value(kept)), "F10.9").result is result


def test_one_query_answers_for_one_claim():
    with registered():
        query = counting("SELECT 1")
        claims.register("A10.2", query)
        claims.register("A10.2", query)
        with pytest.raises(ValueError, match=r"A10\.2 is already recomputed"):
            claims.register("A10.2", counting("SELECT 2"))


def test_the_sources_own_arithmetic_holds():
    """A6.9: 57.35% = 78/136; 66.91% = 91/136; −13.92% from 158; A9: 10% ≈ 0.29/2.86, 80.8% = 21/26; A13.5: 14+6 = 20."""
    found = claims.checks()
    assert len(found) >= 15
    assert [check.code for check in found if not check.holds] == []
    by_code = {check.code: check for check in found}
    assert by_code["K6.1"].left_value == Fraction(7800, 136)
    assert by_code["K9.2"].left_value == Fraction(2900, 286)


def test_a_figure_changed_in_the_pack_breaks_the_arithmetic():
    Claim.objects.filter(code="A6.9h").update(number="57.36")
    assert [check.code for check in claims.checks() if not check.holds] == ["K6.1"]
    assert not prove().ok


def test_each_run_is_kept_and_shows_as_a_trend():
    prove(A10_4=lambda: Value(61_000))
    prove(at=AT + timedelta(days=1), A10_4=lambda: Value(62_345, as_of=date(2026, 11, 24)))
    points = claims.trend("A10.4")
    assert [(point.number, point.result) for point in points] == [
        (61_000, Result.DIFFERS),
        (62_345, Result.MATCHES),
    ]
    assert points[1].as_of == date(2026, 11, 24)
    assert not Found.objects.filter(code="A1.9").exists()


def test_a_run_of_one_service_shows_it_and_keeps_nothing():
    with registered(A10_2=lambda: Value(37)):
        proving = claims.prove(at=AT, service="S10")
    assert {proof.service for proof in proving.proofs} == {"S10"}
    assert not Run.objects.exists()


def test_the_board_groups_by_case_and_counts_every_result(django_assert_num_queries):
    prove(A10_2=lambda: Value(37), A10_3=lambda: Value(57))
    with django_assert_num_queries(5):
        board = claims.board()
    assert [group.case for group in board.groups] == list(range(16))
    assert board.proved_at == AT
    alarm = board.groups[10]
    assert (alarm.totals[Result.MATCHES], alarm.totals[Result.DIFFERS]) == (1, 1)
    assert sum(board.totals.values()) == len(claims.all_claims()) == Claim.objects.count()
    line = next(line for line in alarm.lines if line.claim.code == "A10.3")
    assert (line.result, line.number, line.claim.number) == (Result.DIFFERS, 57, 58)
    assert all(check.holds for check in board.checks)


def test_a_board_before_the_first_run_claims_nothing():
    board = claims.board(service="S10")
    assert board.proved_at is None
    assert board.totals[Result.MATCHES] == 0
    assert board.totals[Result.CANNOT] > 0


def test_loading_the_same_again_changes_nothing_and_writes_no_audit_line():
    before = list(Claim.objects.order_by("pk").values())
    told = len(audit.recorded("claims.loaded"))
    claims.load(CITY, region=REGION, by="test", at=AT)
    assert list(Claim.objects.order_by("pk").values()) == before
    assert len(audit.recorded("claims.loaded")) == told


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [("10-*.toml", 'number = "37"', 'number = "38"'), ("checks.toml", "says = ", 'says = "x" #')],
)
def test_loading_a_changed_pack_replaces_the_claims_and_keeps_what_was_found(tmp_path, file, old, new):
    prove(A10_2=lambda: Value(37))
    count, told = Claim.objects.count(), len(audit.recorded("claims.loaded"))
    (path,) = Path(shutil.copytree(CITY, tmp_path / "claims")).glob(file)
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    claims.load(path.parent, region=REGION, by="test", at=AT)
    assert (Claim.objects.count(), len(audit.recorded("claims.loaded"))) == (count, told + 1)
    assert claims.trend("A10.2")[0].number == 37
    assert claims.board().groups[10].totals[Result.MATCHES] == 1


def test_a_claim_is_found_by_its_code():
    found = claims.claim("A10.6")
    assert found is not None
    assert (found.expected, found.unit.zh, found.service) == ("100%", "%", "S10")
    assert "自愿不续" in found.definition.zh
    assert claims.claim("A99.9") is None
