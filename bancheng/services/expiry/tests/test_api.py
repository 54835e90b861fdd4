"""The API does what the pages do and refuses as they do; who may is tried for every operation in site/tests/test_every_door.py."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.licences import public as licences
from bancheng.services.expiry import operations
from bancheng.services.expiry.models import Batch, Watch
from bancheng.services.expiry.tests.books import book
from bancheng.services.expiry.tests.conftest import UNIT
from bancheng.services.expiry.tests.test_operations import licence

API = "/api/v1/expiry"


@pytest.fixture
def desk(city: None) -> Client:
    return people.client_for(people.staff("unit_admin", unit=UNIT))


@pytest.fixture
def watch(admin: identity.Actor) -> Watch:
    """A licence of the first citizen that runs out in twenty days."""
    until = clocks.today() + timedelta(days=20)
    data = book(licence(1, until, 证件号码=people.citizen_id(1), 持证人="赵建军"), licence(2, until, 手机号="1"))
    batch = operations.upload(unit=UNIT, name="台账.xlsx", data=data, by=admin, at=clocks.now())
    operations.read_batch(batch_id=str(batch.pk), at=clocks.now())
    return Watch.objects.get()


@pytest.fixture
def holder(city: None) -> Client:
    return people.client_for(people.citizen(serial=1))


def get(client: Client, path: str, status: int = 200, **query: Any) -> Any:
    answer = client.get(f"{API}/{path}", query)
    assert answer.status_code == status, answer.content.decode()
    return json.loads(answer.content)


def post(client: Client, path: str, body: Any) -> tuple[int, Any]:
    answer = client.post(f"{API}/{path}", body, content_type="application/json")
    return answer.status_code, json.loads(answer.content)


def test_the_directory_is_paged_and_filtered(client: Client, city: None) -> None:
    """F10.10"""
    first = get(client, "items", size=50)
    assert (first["count"], first["pages"], len(first["items"])) == (58, 2, 50)
    rest = get(client, "items", size=50, page=2)
    assert len({item["code"] for item in first["items"] + rest["items"]}) == 58
    assert get(client, "items", size=50, page=3)["items"] == []
    assert {item["domain"] for item in get(client, "items", domain="tobacco")["items"]} == {"tobacco"}


def test_an_item_explains_its_dates_by_an_example(client: Client, city: None) -> None:
    """F10.11 R10.1"""
    item = get(client, "items/food-business")
    assert item["example"]["explain"]["zh"]
    assert item["example"]["explain"]["en"]
    days = [event["day"] for event in item["example"]["events"]]
    assert days == sorted(days)
    assert len(days) == 6


def test_a_shown_code_is_checked_by_anybody_and_gives_masked_facts(client: Client, watch: Watch) -> None:
    shown = get(client, f"verify/{licences.show_code(watch.licence_id, clocks.now())}")
    assert (shown["number"], shown["usable"]) == ("…0001", True)
    assert "赵建军" not in shown["holder_name"]
    assert get(client, "verify/nonsense", status=422)["code"] == "code_unknown"


def test_a_holder_reads_his_dates_explained_and_answers(holder: Client, watch: Watch) -> None:
    """P-4 R10.5 R10.7"""
    (line,) = get(holder, "mine")["items"]
    assert (line["id"], line["number"], line["valid_to"]) == (watch.pk, "JY000001", watch.expires_on.isoformat())
    mine = get(holder, f"mine/{watch.pk}")
    assert mine["explain"]["zh"]
    assert mine["may_say"] == ["says_done", "given_up"]
    status, after = post(holder, f"mine/{watch.pk}/answer", {"says": "given_up"})
    assert (status, after["state"], after["may_say"]) == (200, "given_up", ["live"])
    status, no = post(holder, f"mine/{watch.pk}/answer", {"says": "says_done"})
    assert (status, no["code"]) == (409, "not_renewable")


def test_what_is_not_valid_is_said_by_field_and_not_echoed(holder: Client, watch: Watch) -> None:
    status, no = post(holder, f"mine/{watch.pk}/answer", {"says": "411002198001010011"})
    assert (status, no["code"]) == (422, "invalid")
    assert no["fields"][0]["at"][-1] == "says"
    assert "411002198001010011" not in json.dumps(no)
    watch.refresh_from_db()
    assert watch.state == "live"


def test_a_ledger_goes_in_its_progress_is_asked_and_bad_rows_are_listed(desk: Client, watch: Watch) -> None:
    """B10.9 F10.3"""
    done = Batch.objects.get()
    assert get(desk, f"ledgers/{done.pk}")["state"] == "done"
    (bad,) = get(desk, f"ledgers/{done.pk}/bad")["items"]
    assert (bad["line"], "手机号" in bad["reasons"]) == (4, True)
    file = SimpleUploadedFile("再来.xlsx", book(licence(3, clocks.today() + timedelta(days=90))))
    answer = desk.post(f"{API}/ledgers", {"unit": UNIT, "file": file})
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    assert get(desk, "ledgers")["count"] == 2


def test_a_wrong_file_is_refused_whole_and_another_unit_s_ledger_too(desk: Client) -> None:
    for unit, data, status, code in (
        (UNIT, b"%PDF-1.7", 422, "not_a_workbook"),
        ("tobacco", b"", 403, "not_your_unit"),
    ):
        answer = desk.post(f"{API}/ledgers", {"unit": unit, "file": SimpleUploadedFile("台账.xlsx", data)})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Batch.objects.count() == 0


def test_the_unit_s_licences_and_tasks_are_masked(desk: Client, watch: Watch) -> None:
    """P-3: an export is masked; a contact is not in the API at all."""
    operations.answer(watch_id=watch.pk, says=operations.watches.State.SAYS_DONE, by="person:1", at=clocks.now())
    (line,) = get(desk, "licences", number="JY")["items"]
    (task,) = get(desk, "tasks")["items"]
    assert (line["state"], task["kind"], task["licence"]) == ("says_done", "verify", line)
    assert task["assignee"] == ""
    assert "赵建军" not in json.dumps([line, task], ensure_ascii=False)
    assert get(desk, "licences", state="lapsed")["items"] == []


def test_the_supervisor_reads_figures_of_the_city_and_an_administrator_his_unit_s(desk: Client, watch: Watch) -> None:
    """P-6"""
    city = get(people.client_for(people.staff("supervisor")), "board")
    assert (city["units"], city["items"], city["licences"]) == (37, 58, 1)
    assert get(desk, "board")["units"] == 1


def test_a_refusal_has_one_shape_and_an_unsafe_call_needs_the_token(holder: Client, watch: Watch) -> None:
    """R-PRM-1"""
    nobody = get(Client(), "mine", status=401)
    assert nobody.keys() == {"type", "title", "status", "code", "says", "en", "law", "trace"}
    wrong = holder.put(f"{API}/mine")
    assert (wrong.status_code, wrong["Allow"], wrong.json()["code"]) == (405, "GET", "wrong_method")
    assert wrong.json().keys() == nobody.keys()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = holder.cookies
    assert post(strict, f"mine/{watch.pk}/answer", {"says": "given_up"})[1]["code"] == "csrf"
    watch.refresh_from_db()
    assert watch.state == "live"


def test_the_document_says_in_both_languages_what_each_operation_does_and_who_may(client: Client) -> None:
    document = client.get("/api/v1/openapi.json").json()
    operation = document["paths"][f"{API}/mine/{{watch_id}}/answer"]["post"]
    assert operation["summary"] == "回答提醒 · Answer"
    assert "谁可以：已登录的个人" in operation["description"]
    assert "Who: Signed-in person" in operation["description"]
    assert operation["security"] == [{"session": []}]
    assert "Problem" in operation["responses"]["4XX"]["content"]["application/problem+json"]["schema"]["$ref"]
    assert document["paths"][f"{API}/items"]["get"]["security"] == []
    assert {"Problem", "Words", "MineOut"} <= document["components"]["schemas"].keys()
    assert client.get("/api/v1/docs").status_code == 200
