"""A restaurant opened by a platform and two department systems, without a page: handed in, worked, told, read."""

import json
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.exchange import testing as exchange
from bancheng.kernel.identity import testing as people
from bancheng.kernel.licences import public as licences
from bancheng.lib.identifiers import make_uscc
from bancheng.services.onething.tests.conftest import AT, Town
from bancheng.services.onething.tests.test_walk import ANSWERS

API, MARKET = "/api/v1/onething", "zone-market"
USCC = make_uscc("411002", 16)
FORM = {code: said for code, said in {**ANSWERS, "legal_person_id": people.citizen_id(7)}.items() if said}


def platform(*more: tuple[str, str, str]) -> exchange.Signing:
    """Return a platform that hands in for others and follows that."""
    own = [(act, "onething", "") for act in ("submit", "read", "events")]
    return exchange.client(exchange.partner(*own, *more))


def department(unit: str) -> exchange.Signing:
    return exchange.client(exchange.partner(*((act, "onething", unit) for act in ("handle", "decide", "events"))))


def application(reference: str = "A-1", **over: Any) -> dict[str, Any]:
    return {
        "code": "open-restaurant",
        "reference": reference,
        "authorisation": "授权书2026001号",
        "applicant": {"kind": "organisation", "identifier": USCC, "name": "许昌市王记饭店有限公司"},
        "answers": FORM,
        **over,
    }


def sent(client: exchange.Signing, path: str, body: Any, status: int = 200, **how: Any) -> Any:
    answer = client.post(f"{API}/{path}", json.dumps(body), content_type="application/json", **how)
    assert answer.status_code == status, answer.content.decode()
    return json.loads(answer.content)


def got(client: Any, path: str, status: int = 200, **query: Any) -> Any:
    answer = client.get(f"{API}/{path}", query)
    assert answer.status_code == status, answer.content.decode()
    return json.loads(answer.content)


def matter_of(case: dict[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in case["matters"] if one["matter"] == code)
    return found


def test_a_platform_hands_in_and_two_departments_open_the_restaurant(town: Town) -> None:
    """F14.2 P-7 P-8 R-CLK-8: and whose licence it is, is the applicant's."""
    bank, market = platform(), department(MARKET)
    receipt = sent(bank, "applications", application(), 201)
    assert sent(bank, "applications", application(), 200) == {**receipt, "again": True}
    case = got(bank, f"cases/{receipt['id']}")
    assert case["number"] == receipt["number"]
    check = matter_of(case, "business-licence-check")
    assert {clock["rule"] for clock in check["clocks"]} == {"C-01"}
    assert all(clock["explain"]["zh"] and clock["explain"]["en"] for clock in check["clocks"])
    assert [one["code"] for one in case["waiting"]] == ["food-business-new"]
    assert got(bank, "applications/A-1")["id"] == receipt["id"]

    granted(market, check["id"])
    food = matter_of(got(bank, f"cases/{receipt['id']}"), "food-business-new")
    granted(market, food["id"])
    (licence,) = licences.held_by([bytes(town.shop.uscc_hash)], on=AT.date())
    assert licence.licence_type == "food-business"
    assert got(bank, f"cases/{receipt['id']}")["state"] == "closed"
    assert got(town.applicant, f"mine/{receipt['id']}")["state"] == "closed"
    kinds = [event["kind"] for event in got(bank, "events", limit=100)["items"]]
    assert kinds[:2] == ["case.submitted", "case.submitted"]
    assert kinds.count("case.decided") == 2


def granted(system: exchange.Signing, case_id: str) -> None:
    """Let a department's system do a matter, by two of its officers."""
    assert case_id in [task["case"] for task in got(system, "desk")["items"]]
    sent(system, f"desk/{case_id}/accept", {"officer": "A01"})
    steps = got(system, f"desk/{case_id}", officer="A01")["steps"]
    if "visit" in steps:
        sent(system, f"desk/{case_id}/result", {"officer": "A01", "result": "现场核查符合要求"})
    same = sent(system, f"desk/{case_id}/decide", {"officer": "A01", "outcome": "granted"}, 409)
    assert same["code"] == "accepted_by_you"  # P-2
    sent(system, f"desk/{case_id}/decide", {"officer": "B02", "outcome": "granted"})


def test_corrections_are_told_once_and_answered_by_who_handed_in(town: Town) -> None:
    """R-OT-1 R14.3"""
    bank, market = platform(), department(MARKET)
    receipt = sent(bank, "applications", application(), 201)
    case_id = matter_of(got(bank, f"cases/{receipt['id']}"), "business-licence-check")["id"]
    assert sent(bank, f"cases/{receipt['id']}/corrections", {"answers": {}}, 409)["code"] == "nothing_to_correct"
    sent(
        market,
        f"desk/{case_id}/corrections",
        {"officer": "A01", "defects": [{"about": "field:business_address", "says": "请写明门牌号"}]},
    )
    (asked,) = got(bank, f"cases/{receipt['id']}")["corrections"]
    assert (asked["about"], asked["answered"]) == ("field:business_address", False)
    wrong = sent(bank, f"cases/{receipt['id']}/corrections", {"answers": {"floor_area": "很大"}}, 422)
    assert wrong["fields"][0]["at"] == ["answers", "floor_area"]
    sent(bank, f"cases/{receipt['id']}/corrections", {"answers": {"business_address": "魏都区七一路1号3幢"}})
    assert got(bank, f"cases/{receipt['id']}")["state"] != "correcting"
    assert sent(department(MARKET), f"desk/{case_id}/accept", {"officer": "A09"})["state"] != "reviewing"


def test_a_refusal_by_a_department_carries_its_three_parts_to_who_handed_in(town: Town) -> None:
    """R14.2"""
    bank, market = platform(), department(MARKET)
    receipt = sent(bank, "applications", application(), 201)
    case_id = matter_of(got(bank, f"cases/{receipt['id']}"), "business-licence-check")["id"]
    lacking = sent(
        market, f"desk/{case_id}/refuse", {"officer": "A01", "reason": "材料不符", "law": "", "remedy": "复议"}, 422
    )
    assert lacking["code"] == "invalid"
    body = {
        "officer": "A01",
        "reason": "不属于本机关职权",
        "law": "行政许可法 第三十二条",
        "remedy": "六十日内可申请行政复议",
    }
    sent(market, f"desk/{case_id}/refuse", body)
    case = got(bank, f"cases/{receipt['id']}")
    assert matter_of(case, "business-licence-check")["because"] == {k: v for k, v in body.items() if k != "officer"}
    assert case["waiting"][0]["in_vain"]


def test_what_is_missing_wrong_or_not_asked_is_said_by_field_and_nothing_is_taken_in(town: Town) -> None:
    bank = platform()
    answers = {**FORM, "floor_area": "很大", "favourite_colour": "红"}
    del answers["premises_right"]
    no = sent(bank, "applications", application(answers=answers), 422)
    found = {field["at"][-1]: field["code"] for field in no["fields"]}
    assert found["floor_area"] == "unfit"
    assert found["premises_right"] == "missing"
    assert found["favourite_colour"] == "unfit"
    assert "很大" not in json.dumps(no, ensure_ascii=False)
    got(bank, "applications/A-1", 404)
    bad = {"kind": "organisation", "identifier": USCC[:-1] + "0", "name": "某店"}
    assert sent(bank, "applications", application(applicant=bad), 422)["code"] == "unfit_applicant"


def test_nobody_sees_or_does_what_is_another_s(town: Town) -> None:
    """P-8: the queue, the desk, the case, the reference, the events."""
    bank, other, tobacco = platform(), platform(), department("tobacco")
    receipt = sent(bank, "applications", application(), 201)
    case_id = matter_of(got(bank, f"cases/{receipt['id']}"), "business-licence-check")["id"]
    got(other, f"cases/{receipt['id']}", 404)
    got(other, "applications/A-1", 404)
    sent(other, f"cases/{receipt['id']}/corrections", {"answers": {}}, 404)
    assert got(other, "events")["items"] == got(tobacco, "events")["items"] == got(tobacco, "desk")["items"] == []
    sent(tobacco, f"desk/{case_id}/accept", {"officer": "A01"}, 404)
    assert got(tobacco, f"desk/{case_id}", 404, officer="A01")["code"] == "no_such_case"
    assert sent(tobacco, "applications", application(), 403)["code"] == "out_of_scope"
    market = department(MARKET)
    seen = got(market, f"cases/{receipt['id']}")
    assert [one["matter"] for one in seen["matters"]] == ["business-licence-check"]


def test_a_person_s_session_opens_no_partner_s_door_and_no_signature_no_door_at_all(town: Town) -> None:
    assert got(town.applicant, "events", 403)["code"] == "not_your_door"
    assert got(people.client_for(None), "events", 401)["code"] == "sign_the_request"


def test_the_same_key_is_answered_alike_and_another_body_is_refused(town: Town) -> None:
    bank = platform()
    how = {"headers": {"Idempotency-Key": "first-try"}}
    receipt = sent(bank, "applications", application(), 201, **how)
    again = bank.post(f"{API}/applications", json.dumps(application()), content_type="application/json", **how)
    assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (201, receipt, "true")
    assert sent(bank, "applications", application("A-2"), 422, **how)["code"] == "key_of_another_request"


def test_no_event_and_no_record_tells_of_a_person(town: Town) -> None:
    """P-9: identifiers, names, phones and what was typed stay in the case."""
    market, bank = department(MARKET), platform()
    receipt = sent(bank, "applications", application(), 201)
    granted(market, matter_of(got(bank, f"cases/{receipt['id']}"), "business-licence-check")["id"])
    told = json.dumps(got(market, "events"), ensure_ascii=False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(string_agg(detail::text || who || about, ' '), '') FROM audit_event")
        record = cursor.fetchone()[0]
    for secret in (USCC, "王芳", "王记", "13900000007", "七一路", people.citizen_id(7)):
        assert secret not in told
        assert secret not in record
    assert "staff:" not in told


def test_a_citizen_reads_his_own_cases_and_nobody_else_s(town: Town) -> None:
    """P-4"""
    receipt = sent(platform(), "applications", application(), 201)
    assert [line["id"] for line in got(town.applicant, "mine")] == [receipt["id"]]
    assert got(town.applicant, f"mine/{receipt['id']}")["matters"][0]["clocks"][0]["explain"]["zh"]
    got(people.client_for(people.citizen(serial=40)), f"mine/{receipt['id']}", 404)
    queue = got(town.desk("case_officer", MARKET), "queue")
    assert receipt["number"][:6] == queue["items"][0]["number"][:6]


STATUS = 6  # the key with its scopes, the nonce, the case in three, its corrections
HAND_IN = 26
SIGN = {
    "wants_sign": "yes",
    "sign_text": "王记饭店",
    "sign_position": "lintel",
    "sign_width": "300",
    "sign_height": "100",
    "sign_lit": "no",
    "sign_design": "红底白字",
}


def counted(do: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        do()
    return len(captured)


def test_a_status_costs_the_same_of_one_matter_as_of_many_and_so_does_handing_in(town: Town) -> None:
    bank = platform()
    few = sent(bank, "applications", application("F-0"), 201)  # what a process keeps is kept by now
    got(bank, f"cases/{few['id']}")
    many = application("M-1", answers={**FORM, **SIGN})
    assert counted(lambda: sent(bank, "applications", application("F-1"), 201)) == HAND_IN
    assert counted(lambda: sent(bank, "applications", many, 201)) == HAND_IN
    case = got(bank, "applications/M-1")
    assert len(case["matters"]) + len(case["waiting"]) > 2
    for one in (few, case):
        assert counted(lambda one=one: got(bank, f"cases/{one['id']}")) == STATUS
