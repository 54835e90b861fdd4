"""A restaurant opened by a platform and two department systems, without a page: handed in, worked, told, read."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bancheng.kernel.audit import public as audit
from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents import public as documents
from bancheng.kernel.documents.testing import package, pdf, png, xlsx
from bancheng.kernel.exchange import testing as exchange
from bancheng.kernel.identity import testing as people
from bancheng.kernel.licences import public as licences
from bancheng.lib.identifiers import make_uscc
from bancheng.services.onething import bringing
from bancheng.services.onething.papers import slug_of
from bancheng.services.onething.tests.conftest import AT, Town
from bancheng.services.onething.tests.test_walk import ANSWERS
from bancheng.web import api

API, MARKET = "/api/v1/onething", "zone-market"
USCC = make_uscc("411002", 16)
PLAN, RULES = "经营场所平面图、设备布局和操作流程文件", "食品安全管理制度目录"
DESIGN, RIGHT = "招牌效果图（标明尺寸、位置、材料）", "经营场所使用证明"
PAPERS = (PLAN, RULES)
FORM = {code: said for code, said in {**ANSWERS, "legal_person_id": people.citizen_id(7)}.items() if said}


def platform(*more: tuple[str, str, str]) -> exchange.Signing:
    """Return a platform that hands in for others and follows that."""
    own = [(act, "onething", "") for act in ("submit", "read", "events")]
    return exchange.client(exchange.partner(*own, *more))


def department(unit: str) -> exchange.Signing:
    return exchange.client(exchange.partner(*((act, "onething", unit) for act in ("handle", "decide", "events"))))


def application(client: exchange.Signing, reference: str = "A-1", **over: Any) -> dict[str, Any]:
    """Return an application for a restaurant whose papers the client has uploaded."""
    given = {
        "code": "open-restaurant",
        "reference": reference,
        "authorisation": "授权书2026001号",
        "applicant": {"kind": "organisation", "identifier": USCC, "name": "许昌市王记饭店有限公司"},
        "answers": FORM,
        **over,
    }
    return {"papers": brought(client, *PAPERS), **given}


def brought(client: exchange.Signing, *names: str) -> dict[str, list[str]]:
    return {slug_of(name): [uploaded(client, png(width=n + 1))["file"]["id"]] for n, name in enumerate(names)}


def uploaded(client: exchange.Signing, data: bytes, status: int = 201, *, name: str = "材料.png", **how: Any) -> Any:
    address = f"{API}/uploads?{urlencode({'name': name})}"
    answer = client.generic("POST", address, data, "application/octet-stream", **how)
    assert answer.status_code == status, answer.content.decode()
    return json.loads(answer.content)


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
    receipt = sent(bank, "applications", application(bank), 201)
    assert sent(bank, "applications", application(bank), 200) == {**receipt, "again": True}
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
    receipt = sent(bank, "applications", application(bank), 201)
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
    receipt = sent(bank, "applications", application(bank), 201)
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
    no = sent(bank, "applications", application(bank, answers=answers), 422)
    found = {field["at"][-1]: field["code"] for field in no["fields"]}
    assert found["floor_area"] == "unfit"
    assert found["premises_right"] == "missing"
    assert found["favourite_colour"] == "unfit"
    assert "很大" not in json.dumps(no, ensure_ascii=False)
    got(bank, "applications/A-1", 404)
    bad = {"kind": "organisation", "identifier": USCC[:-1] + "0", "name": "某店"}
    assert sent(bank, "applications", application(bank, applicant=bad), 422)["code"] == "unfit_applicant"


def test_nobody_sees_or_does_what_is_another_s(town: Town) -> None:
    """P-8: the queue, the desk, the case, the reference, the events."""
    bank, other, tobacco = platform(), platform(), department("tobacco")
    receipt = sent(bank, "applications", application(bank), 201)
    case_id = matter_of(got(bank, f"cases/{receipt['id']}"), "business-licence-check")["id"]
    got(other, f"cases/{receipt['id']}", 404)
    got(other, "applications/A-1", 404)
    sent(other, f"cases/{receipt['id']}/corrections", {"answers": {}}, 404)
    assert got(other, "events")["items"] == got(tobacco, "events")["items"] == got(tobacco, "desk")["items"] == []
    sent(tobacco, f"desk/{case_id}/accept", {"officer": "A01"}, 404)
    assert got(tobacco, f"desk/{case_id}", 404, officer="A01")["code"] == "no_such_case"
    assert sent(tobacco, "applications", application(platform()), 403)["code"] == "out_of_scope"
    market = department(MARKET)
    seen = got(market, f"cases/{receipt['id']}")
    assert [one["matter"] for one in seen["matters"]] == ["business-licence-check"]


def test_a_person_s_session_opens_no_partner_s_door_and_no_signature_no_door_at_all(town: Town) -> None:
    assert got(town.applicant, "events", 403)["code"] == "not_your_door"
    assert got(people.client_for(None), "events", 401)["code"] == "sign_the_request"


def test_the_same_key_is_answered_alike_and_another_body_is_refused(town: Town) -> None:
    bank = platform()
    how = {"headers": {"Idempotency-Key": "first-try"}}
    body = application(bank)
    receipt = sent(bank, "applications", body, 201, **how)
    again = bank.post(f"{API}/applications", json.dumps(body), content_type="application/json", **how)
    assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (201, receipt, "true")
    assert sent(bank, "applications", application(bank, "A-2"), 422, **how)["code"] == "key_of_another_request"


def test_no_event_and_no_record_tells_of_a_person(town: Town) -> None:
    """P-9: identifiers, names, phones and what was typed stay in the case."""
    market, bank = department(MARKET), platform()
    receipt = sent(bank, "applications", application(bank), 201)
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
    receipt = sent(bank := platform(), "applications", application(bank), 201)
    assert [line["id"] for line in got(town.applicant, "mine")] == [receipt["id"]]
    assert got(town.applicant, f"mine/{receipt['id']}")["matters"][0]["clocks"][0]["explain"]["zh"]
    got(people.client_for(people.citizen(serial=40)), f"mine/{receipt['id']}", 404)
    queue = got(town.desk("case_officer", MARKET), "queue")
    assert receipt["number"][:6] == queue["items"][0]["number"][:6]


STATUS = 5  # the key with its scopes, the nonce, the case in three
HAND_IN = 17  # of premises of one's own: no register of leases is asked
OWNED = {code: said for code, said in FORM.items() if code != "lease_until"} | {"premises_right": "owned"}
PROMISE = 6  # whether the register of the dishonest names him, and the record of his signature, among them
SIGN = {
    "wants_sign": "yes",
    "sign_text": "王记饭店",
    "sign_position": "lintel",
    "sign_width": "300",
    "sign_height": "100",
    "sign_lit": "no",
}


def at_number(number: int) -> dict[str, str]:
    """Return another address: the same bundle for the same place is under way once (B14.9)."""
    return {"business_address": f"许昌市魏都区七一路{number}号"}


def counted(do: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        do()
    return len(captured)


def test_a_status_costs_the_same_of_one_matter_as_of_many_and_so_does_handing_in(town: Town) -> None:
    bank = platform()
    few = sent(
        bank, "applications", application(bank, "F-0", answers=OWNED), 201
    )  # what a process keeps is kept by now
    got(bank, f"cases/{few['id']}")
    one = application(bank, "F-1", answers={**OWNED, **at_number(2)})
    many = application(bank, "M-1", answers={**OWNED, **SIGN, **at_number(3)})
    many |= {"papers": brought(bank, *PAPERS, DESIGN), "promised": [slug_of(RIGHT)]}
    assert counted(lambda: sent(bank, "applications", one, 201)) == HAND_IN
    assert counted(lambda: sent(bank, "applications", many, 201)) == HAND_IN + PROMISE
    case = got(bank, "applications/M-1")
    assert len(case["matters"]) + len(case["waiting"]) > 2
    for one in (few, case):
        assert counted(lambda one=one: got(bank, f"cases/{one['id']}")) == STATUS


# --- papers


def test_papers_travel_with_the_application_and_each_is_read_by_who_handles_its_matter(town: Town) -> None:
    """R14.3 P-3 R-E-3: uploaded, named, seen with its state, read by the department while a step is its own; each look is on record."""
    bank, market, tobacco = platform(), department(MARKET), department("tobacco")
    asked = got(bank, "bundles/open-restaurant/papers")
    assert {one["code"]: one["way"] for one in asked}[slug_of(PLAN)] == "brought"
    body = application(bank, answers={**FORM, **SIGN})
    body |= {"papers": brought(bank, *PAPERS, DESIGN), "promised": [slug_of(RIGHT)]}
    receipt = sent(bank, "applications", body, 201)
    papers = {one["name"]["zh"]: one for one in got(bank, f"cases/{receipt['id']}/papers")}
    assert {name: one["state"] for name, one in papers.items()} == {
        **dict.fromkeys((*PAPERS, DESIGN), "handed_in"),
        RIGHT: "promised",
        "营业执照": "fetched",
        "法定代表人或负责人身份证": "fetched",
        "食品安全管理员培训合格证明": "fetched",
        "食品经营许可申请书": "form",
        "户外招牌设置申请表": "form",
    }
    granted(market, matter_of(got(bank, f"cases/{receipt['id']}"), "business-licence-check")["id"])
    case = got(bank, f"cases/{receipt['id']}")
    food, sign = (matter_of(case, code)["id"] for code in ("food-business-new", "sign-board"))
    plan, design = (papers[name]["files"][0]["id"] for name in (PLAN, DESIGN))
    shown = {one["name"]["zh"] for one in got(market, f"desk/{food}", officer="A01")["papers"]}
    assert PLAN in shown
    assert DESIGN not in shown
    look = market.get(f"{API}/desk/{food}/files/{plan}", {"officer": "A01"})
    assert look.status_code == 200
    assert b"".join(look.streaming_content) == png(width=1)
    assert look["Content-Type"] == "image/png"
    assert got(market, f"desk/{food}/files/{design}", 404, officer="A01")["code"] == "no_such_document"
    got(market, f"desk/{sign}/files/{design}", 404, officer="A01")
    got(tobacco, f"desk/{food}/files/{plan}", 404, officer="A01")
    reads = [event for event in audit.timeline(f"document:{plan}") if event.action == "documents.read"]
    assert [event.who.rpartition("/")[2] for event in reads] == ["A01"]
    codes = {one["code"] for one in got(market, f"cases/{receipt['id']}/papers")}
    assert slug_of(DESIGN) not in codes


def test_a_paper_is_replaced_in_the_one_answer_and_a_promised_one_is_supplied(town: Town) -> None:
    """R-OT-1 R-RQ-1: only what the notice asks for; then the paper that was to follow."""
    bank, market, urban = platform(), department(MARKET), department("urban")
    body = application(bank, answers={**FORM, **SIGN})
    body |= {"papers": brought(bank, *PAPERS, DESIGN), "promised": [slug_of(RIGHT)]}
    receipt = sent(bank, "applications", body, 201)
    granted(market, matter_of(got(bank, f"cases/{receipt['id']}"), "business-licence-check")["id"])
    food = matter_of(got(bank, f"cases/{receipt['id']}"), "food-business-new")["id"]
    sign = matter_of(got(bank, f"cases/{receipt['id']}"), "sign-board")["id"]
    sent(urban, f"desk/{sign}/accept", {"officer": "U01"})
    defects = [{"about": f"material:{slug_of(PLAN)}", "says": "请标明出口"}, {"about": "field:seats", "says": "请核对"}]
    sent(market, f"desk/{food}/corrections", {"officer": "A01", "defects": defects})
    asked = [one["about"] for one in got(bank, f"cases/{receipt['id']}")["corrections"] if not one["answered"]]
    assert asked == [one["about"] for one in defects]
    new = [uploaded(bank, png(width=50))["file"]["id"]]
    other = sent(bank, f"cases/{receipt['id']}/corrections", {"papers": {slug_of(RULES): new}}, 422)
    assert other["code"] == "paper_not_asked"
    sent(bank, f"cases/{receipt['id']}/corrections", {"answers": {"seats": "42"}, "papers": {slug_of(PLAN): new}})
    (plan,) = (one for one in got(bank, f"cases/{receipt['id']}/papers") if one["code"] == slug_of(PLAN))
    assert [one["size"] for one in plan["files"]] == [len(png(width=50))]

    address = f"cases/{receipt['id']}/papers/{slug_of(RIGHT)}"
    late = {"files": [uploaded(bank, png(width=60))["file"]["id"]]}
    listed = sent(bank, address, late)
    assert {one["code"]: one["state"] for one in listed}[slug_of(RIGHT)] == "handed_in"
    again = {"files": [uploaded(bank, png(width=61))["file"]["id"]]}
    assert sent(bank, address, again, 409)["code"] == "not_promised"


def test_what_is_missing_of_the_papers_is_said_with_everything_else(town: Town) -> None:
    """R-OT-1: papers, fields and what is not asked for at once; a main paper may not follow (R-RQ-6)."""
    bank = platform()
    answers = {**FORM, "floor_area": "很大"}
    body = application(bank, answers=answers, papers={"0" * 12: []}, promised=[slug_of(PLAN)])
    no = sent(bank, "applications", body, 422)
    found = {tuple(field["at"]): field["code"] for field in no["fields"]}
    assert found[("answers", "floor_area")] == "unfit"
    assert found[("papers", slug_of(RULES))] == "missing"
    assert found[("papers", "0" * 12)] == "unfit"
    assert found[("papers", slug_of(PLAN))] in ("unfit", "missing")
    assert all(field["zh"] and field["en"] for field in no["fields"])


def test_an_upload_is_its_partner_s_used_once_and_let_go_when_nobody_uses_it(town: Town) -> None:
    """P-8"""
    bank, other = platform(), platform()
    theirs = uploaded(other, png(width=7))["file"]["id"]
    stolen = application(bank, papers={**brought(bank, RULES), slug_of(PLAN): [theirs]})
    assert sent(bank, "applications", stolen, 422)["code"] == "no_such_upload"
    body = application(bank)
    sent(bank, "applications", body, 201)
    assert sent(bank, "applications", {**body, "reference": "A-2"}, 422)["code"] == "no_such_upload"
    twice = brought(bank, RULES)
    twice[slug_of(PLAN)] = twice[slug_of(RULES)]
    assert sent(bank, "applications", application(bank, "A-3", papers=twice), 422)["code"] == "no_such_upload"
    assert bringing.forget_uploads(at=clocks.now()) == 0
    assert bringing.forget_uploads(at=clocks.now() + timedelta(days=8)) > 0
    late = application(bank, "A-4", papers=twice)
    assert sent(bank, "applications", late, 422)["code"] == "no_such_upload"


def test_an_upload_sent_again_is_one_upload_and_another_file_needs_another_key(town: Town) -> None:
    bank, how = platform(), {"headers": {"Idempotency-Key": "upload-one"}}
    first = uploaded(bank, png(width=9), **how)
    assert uploaded(bank, png(width=9), **how) == first
    assert uploaded(bank, png(width=10), 422, **how)["code"] == "key_of_another_request"
    exchange.unanswered()  # the process died before it had answered
    assert uploaded(bank, png(width=9), **how)["file"]["id"] == first["file"]["id"]


def test_a_partner_may_not_leave_more_lying_here_than_it_may(town: Town, settings: Any) -> None:
    """P-8: files and bytes that nothing uses are bounded for each partner; handed in, deleted or let go, there is room again."""
    bank, other = platform(), platform()
    settings.PARTNER_UPLOADS = 2
    how = {"headers": {"Idempotency-Key": "upload-two"}}
    first = uploaded(bank, png(width=1))["file"]["id"]
    second = uploaded(bank, png(width=2), **how)["file"]["id"]
    no = uploaded(bank, png(width=3), 429, headers={"Idempotency-Key": "upload-three"})
    assert no["code"] == "too_many_uploads"
    assert "2个文件" in no["says"]["zh"] if isinstance(no["says"], dict) else "2个文件" in no["says"]
    assert uploaded(bank, png(width=2), **how)["file"]["id"] == second  # the same again is no new one
    exchange.unanswered()
    assert uploaded(bank, png(width=2), **how)["file"]["id"] == second
    uploaded(other, png(width=3))  # another's room is his own
    assert other.generic("DELETE", f"{API}/uploads/{first}").status_code == 404
    assert bank.generic("DELETE", f"{API}/uploads/{first}").status_code == 204
    assert uploaded(bank, png(width=3), headers={"Idempotency-Key": "upload-three"})
    settings.PARTNER_UPLOADS = 500
    settings.PARTNER_UPLOAD_MEGABYTES = 0
    assert uploaded(bank, png(width=4), 429)["code"] == "too_many_uploads"


# in two parts, so that this file is no finding itself (eicar.org)
EICAR = b"".join((rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$", b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"))
LOCKED = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O ({'x' * 32}) /U ({'y' * 32}) /P -4 >> /ID [(a) (b)]"
BAD = {
    "an empty file": (b"", "document_empty"),
    "a PDF behind a script": (b"<script>alert(1)</script>" + pdf(), "document_two_in_one"),
    "a PDF with an archive behind it": (pdf() + package({"a.txt": b"x"}), "document_two_in_one"),
    "an SVG that runs": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "document_active"),
    "an HTML page": (b"<!doctype html><script>alert(1)</script>", "document_active"),
    "an encrypted PDF": (pdf(trailer=LOCKED), "document_encrypted"),
    "an archive": (package({"a.txt": b"x"}), "document_archive"),
    "a program": (b"MZ\x90\x00" + bytes(100), "document_program"),
    "a picture of a billion pixels": (png(width=100_000, height=100_000), "document_too_many_pixels"),
    "a workbook where papers are asked": (xlsx(), "document_kind_not_accepted"),
    "the scanners' test string": (EICAR, "document_infected"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_is_refused_with_the_pages_sentence(town: Town, what: str) -> None:
    """B: polyglots, scripts, passwords, bombs: as problem documents, in both languages, and nothing is kept."""
    data, code = BAD[what]
    no = uploaded(platform(), data, 422)
    assert no["code"] == code
    assert no["says"]
    assert no["en"]
    assert documents.brought_by(holder_hash=bytes(32)) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM documents_use WHERE about LIKE 'upload:%'")
        assert cursor.fetchone()[0] == 0


def test_a_file_that_claims_four_gigabytes_is_refused_before_it_is_read(town: Town) -> None:
    bank = platform()
    claim = {"CONTENT_LENGTH": str(4 * 2**30)}
    no = bank.generic("POST", f"{API}/uploads", b"%PDF-1.7", "application/octet-stream", **claim)
    assert (no.status_code, no.json()["code"]) == (413, "document_too_large")
    assert bank.generic(
        "POST", f"{API}/uploads", b"x", "application/octet-stream", CONTENT_LENGTH="9" * 5000
    ).status_code in (401, 413)
    large = uploaded(bank, b"%PDF-1.7" + bytes(20 * 2**20), 413)
    assert large["code"] == "document_too_large"
    assert sent(bank, "applications", {"code": "x" * 3_000_000}, 413)["code"] == "body_too_large"


def test_a_path_in_a_name_is_cut_off_and_what_stands_behind_a_picture_too(town: Town) -> None:
    bank = platform()
    made = uploaded(bank, png(width=11), name="../../etc/passwd\u202egpj.exe")
    assert made["file"]["name"] == "passwdgpj.png"
    assert made["notes"][0]["en"]
    cut = uploaded(bank, png(width=12) + b"<script>alert(1)</script>", name="图.png")
    assert cut["file"]["size"] == len(png(width=12))
    assert cut["notes"]
    form = bank.post(f"{API}/uploads", {"file": SimpleUploadedFile("a.png", png())})
    assert (form.status_code, form.json()["code"]) == (415, "send_the_file_itself")


def test_the_result_is_fetched_by_who_handed_it_in_and_may_collect(town: Town) -> None:
    """R-E-1 R-E-3 P-8: the sealed certificate, the same to the byte; each fetch is on record."""
    bank = platform(("collect", "onething", ""))
    market = department(MARKET)
    receipt = sent(bank, "applications", application(bank), 201)
    case = got(bank, f"cases/{receipt['id']}")
    granted(market, matter_of(case, "business-licence-check")["id"])
    assert got(bank, f"cases/{receipt['id']}/results") == []
    granted(market, matter_of(got(bank, f"cases/{receipt['id']}"), "food-business-new")["id"])
    kinds = [event["kind"] for event in got(bank, "events", limit=100)["items"]]
    assert "case.issued" in kinds
    (result,) = got(bank, f"cases/{receipt['id']}/results")
    assert (result["ready"], result["standing"]) == (False, "")
    address = f"cases/{receipt['id']}/results/{result['licence']}"
    assert got(bank, address, 409)["code"] == "result_not_ready"
    certificates.make(licence_id=result["licence"], at=clocks.now())
    assert got(bank, f"cases/{receipt['id']}/results")[0]["standing"] == "valid"
    first, again = (bank.get(f"{API}/{address}") for _ in range(2))
    assert first["Content-Type"] == "application/pdf"
    assert first.content == again.content
    assert first.content.startswith(b"%PDF-")
    food = matter_of(got(bank, f"cases/{receipt['id']}"), "food-business-new")["id"]
    assert [e.action for e in audit.timeline(f"case:{food}")].count("onething.result_collected") == 2
    other = platform(("collect", "onething", ""))
    got(other, f"cases/{receipt['id']}/results", 404)
    got(other, address, 404)
    got(bank, f"cases/{receipt['id']}/results/1", 404)
    assert got(platform(), address, 403)["code"] == "out_of_scope"


LISTED = 14


def test_lists_of_papers_and_results_cost_the_same_of_many_as_of_few(town: Town) -> None:
    bank = platform(("collect", "onething", ""))
    few = sent(bank, "applications", application(bank, "F-0"), 201)
    body = application(bank, "M-1", answers={**FORM, **SIGN, **at_number(2)})
    many = {
        slug: [*ones, uploaded(bank, png(height=n + 9))["file"]["id"]]
        for n, (slug, ones) in enumerate(body["papers"].items())
    }
    sent_many = sent(
        bank, "applications", body | {"papers": many | brought(bank, DESIGN), "promised": [slug_of(RIGHT)]}, 201
    )
    got(bank, f"cases/{few['id']}/papers")
    counts = {
        path: [counted(lambda one=one, path=path: got(bank, f"cases/{one['id']}/{path}")) for one in (few, sent_many)]
        for path in ("papers", "results")
    }
    assert counts["papers"][0] == counts["papers"][1] <= LISTED
    assert counts["results"][0] == counts["results"][1] <= LISTED


def test_the_document_says_how_files_come_and_go() -> None:
    """What a program generator reads: the upload's body, the key, the binary answers, and the refusals of each."""
    document = api.site_api().get_openapi_schema()
    paths = {path.removeprefix(API): methods for path, methods in document["paths"].items() if path.startswith(API)}
    upload = paths["/uploads"]["post"]
    assert set(upload["requestBody"]["content"]) == {"application/octet-stream"}
    assert "Idempotency-Key" in [one["name"] for one in upload["parameters"]]
    assert "name" in [one["name"] for one in upload["parameters"]]
    assert {"201", "4XX"} <= {str(code) for code in upload["responses"]}
    result = paths["/cases/{case_id}/results/{licence_id}"]["get"]["responses"]
    assert set(result[200]["content"]) == {"application/pdf"}
    assert "4XX" in result
    file = paths["/desk/{case_id}/files/{file_id}"]["get"]["responses"]
    assert file[200]["content"]
    fields = document["components"]["schemas"]["ApplicationIn"]["properties"]
    assert {"papers", "promised"} <= set(fields)
    assert "papers" in document["components"]["schemas"]["AnswersIn"]["properties"]
