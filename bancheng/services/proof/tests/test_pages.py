"""The proof pages: everybody reads them, they claim no more than was computed, and only an operator asks for a new proving."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from bancheng.kernel.audit import testing as audit_testing
from bancheng.kernel.claims import public as claims
from bancheng.kernel.claims.testing import registered
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs_testing
from bancheng.lib.text import Text
from bancheng.services.proof import jobs, queries

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def loaded():
    claims.load(Path(settings.PACK) / "claims", region="411000", by="test", at=AT)


def cannot():
    raise claims.Cannot("还没有载入台账", "no ledger yet")


@pytest.fixture
def proved(loaded):
    how = Text("有已公布事项的单位", "units with published items")
    with registered(
        A10_2=lambda: claims.Value(37, detail=how),
        A10_3=lambda: claims.Value(57),
        A10_4=cannot,
        F10_9=lambda: claims.Value(1),
        F10_13=lambda: claims.Value(0),
    ):
        claims.prove(at=AT)


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_anybody_sees_the_cases_and_how_many_claims_came_to_what(client, proved):
    """F0.9: the showcase's figures can be checked after the award."""
    page = text(client.get("/proof/"))
    assert "2026年11月23日10:00" in page
    assert f"共{len(claims.all_claims())}条" in page
    assert page.count('href="?case=') == 16
    assert '<b>相符 <span class="num">2</span></b>' in page
    assert '<b>不符 <span class="num">2</span></b>' in page
    assert "不成立" not in page


def test_a_case_shows_each_claim_with_both_numbers_and_how(client, proved):
    """A10.3: what is computed is shown beside what is printed, also when they differ."""
    page = text(client.get("/proof/?case=10"))
    for shown in ("37家", "有已公布事项的单位", "57项", "应等于58", "还没有载入台账", "已公开的提醒事项数", "毫秒"):
        assert shown in page
    assert text(client.get("/proof/?case=10&status=differs")).count("<article") == 2
    assert "未做到" in text(client.get("/proof/claims/F10.13/"))
    assert "已做到" in text(client.get("/proof/claims/F10.9/"))


def test_all_claims_of_a_result_stand_on_pages(client, proved):
    page = text(client.get("/proof/?status=not_yet"))
    assert page.count("<article") == 20
    assert "?status=not_yet&amp;page=2" in page
    assert "没有符合条件的条目" in text(client.get("/proof/?case=99"))


@pytest.mark.parametrize("query", ["?case=x", "?status=no-such", "?case=1&page=zz", "?case=" + "9" * 30])
def test_a_strange_filter_is_left_out(client, proved, query):
    assert client.get(f"/proof/{query}").status_code == 200


def test_the_page_is_complete_in_english(client, proved):
    client.cookies["django_language"] = "en"
    assert "Case by case" in text(client.get("/proof/"))
    page = text(client.get("/proof/?case=10"))
    assert "units with published items" in page
    assert "must be 58" in page


def test_before_the_first_proving_nothing_is_said_to_match(client, loaded):
    page = text(client.get("/proof/"))
    assert "还没有复算过" in page
    assert '<b>相符 <span class="num">0</span></b>' in page


def test_without_claims_the_page_says_what_to_do(client):
    assert "还没有载入案例条目" in text(client.get("/proof/"))


def test_the_whole_list_is_downloaded_as_csv_and_json(client, proved):
    """F0.9: the same rows, for machines."""
    answer = client.get("/proof/claims.csv")
    rows = list(csv.reader(io.StringIO(text(answer).removeprefix("\ufeff"))))
    assert tuple(rows[0]) == queries.HEADER
    assert len(rows) - 1 == len(claims.all_claims())
    whole = json.loads(text(client.get("/proof/claims.json?case=10")))
    found = {claim["id"]: claim for claim in whole["claims"]}
    assert (found["A10.3"]["said"], found["A10.3"]["computed"], found["A10.3"]["result"]) == ("58", "57", "differs")
    assert set(found) == {claim.code for claim in claims.all_claims(service="S10")}
    assert all(check["holds"] for check in whole["checks"])


def test_what_earlier_provings_found_is_kept_and_shown(client, proved):
    with registered(A10_3=lambda: claims.Value(58)):
        claims.prove(at=AT + timedelta(days=1))
    page = text(client.get("/proof/claims/A10.3/"))
    assert "2026-11-23" in page
    assert "2026-11-24" in page
    assert "相符" in page


def test_a_claim_that_is_not_there_is_not_found(client, proved):
    assert client.get("/proof/claims/A99.9/").status_code == 404


def test_no_request_recomputes_anything(client, proved, django_assert_max_num_queries):
    def never():
        raise AssertionError("a page recomputed a claim")

    with registered(A10_2=never), django_assert_max_num_queries(8):
        text(client.get("/proof/?case=10"))


def test_an_operator_asks_for_a_proving_and_the_worker_does_it(loaded):
    operator = people.client_for(people.staff("operator"))
    assert "立即复算" in text(operator.get("/proof/"))
    with registered(A10_2=lambda: claims.Value(37)):
        assert "已要求复算" in text(operator.post("/proof/run/", follow=True))
        assert jobs_testing.run_all() == 1
    (event,) = audit_testing.recorded("proof.asked")
    assert event.who.startswith("staff:")
    assert "37家" in text(operator.get("/proof/claims/A10.2/"))


@pytest.mark.parametrize("role", ["auditor", "supervisor", "unit_admin"])
def test_nobody_else_asks_for_one(loaded, role):
    somebody = people.client_for(people.staff(role, unit="market"))
    assert "立即复算" not in text(somebody.get("/proof/"))
    assert somebody.post("/proof/run/").status_code == 403
    assert jobs_testing.promised("proof.prove") == []


def test_it_is_proved_every_night(client, loaded):
    with registered(A10_2=lambda: claims.Value(37)):
        jobs.prove()
    assert claims.board().totals[claims.Result.MATCHES] == 1


def test_every_page_links_to_the_proof(client):
    assert 'href="/proof/"' in text(client.get("/"))
