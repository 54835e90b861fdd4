"""Over the wire: a bank's events with its own numbers, acknowledged; a day's file, its bytes and its answer (F13.9)."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.exchange import testing
from bancheng.lib import sigalgs

pytestmark = pytest.mark.django_db
API = "/api/v1/mortgages"


@pytest.fixture(params=sigalgs.PUBLIC)
def bank(request: Any, loaded_city: None) -> tuple[Any, testing.Signing]:
    return testing.bank(unit="boc", algorithm=request.param)


def say(made: Any, *numbers: int) -> None:
    owner, now = testing.caller(made).ref, clocks.now()
    said = [
        exchange.Said("mortgages", "lot.changed", f"lot:{n}", made.region, now, owner=owner, data={"n": n})
        for n in numbers
    ]
    exchange.publish(said)


def post(client: testing.Signing, path: str, body: Any, **how: Any) -> Any:
    return client.post(f"{API}{path}", json.dumps(body), content_type="application/json", **how)


def test_a_bank_pulls_its_events_by_number_and_acknowledges_them(bank: Any, django_assert_max_num_queries: Any) -> None:
    made, client = bank
    for n in (1, 2, 3):
        say(made, n)
    with django_assert_max_num_queries(20):
        found = client.get(f"{API}/events?after=1").json()
    assert [(one["seq"], one["data"]["n"]) for one in found["items"]] == [(2, 2), (3, 3)]
    assert found["next"] == 3
    assert post(client, "/events/ack", {"seq": 3}).json()["acked"] == 3
    refused = post(client, "/events/ack", {"seq": 9})
    assert (refused.status_code, refused.json()["code"]) == (422, "no_such_seq")


def test_a_day_s_file_is_signed_bytes_and_its_answer_opens_differences(monkeypatch: Any) -> None:
    source = exchange.Source(lambda unit, day: [], lambda unit: "xiangcheng-registry")
    monkeypatch.setitem(testing.sources, "mortgages", source)
    made, client = testing.bank(unit="boc", algorithm=sigalgs.ED25519)
    day = clocks.today() - timedelta(days=1)
    path = f"/reconciliations/{day}"
    assert client.get(f"{API}{path}").status_code == 404
    exchange.make_day(service="mortgages", partner_id=made.pk, day=day, at=clocks.now())
    told = client.get(f"{API}{path}").json()
    first, second = client.get(f"{API}{path}/file"), client.get(f"{API}{path}/file")
    assert first.content == second.content
    assert first.content.decode().splitlines()[0].startswith("bancheng-reconciliation-1|mortgages|")
    key_id, _, signature = first["Bancheng-File-Signature"].partition(":")
    (key,) = exchange.house_keys()["keys"]
    public = base64.urlsafe_b64decode(key["x"] + "=")
    assert (key_id, told["signature"]) == (key["kid"], signature)
    assert sigalgs.VERIFY[sigalgs.ED25519](public, first.content, base64.b64decode(signature), "")
    lines = [{"number": "豫(2026)襄城县不动产证明第0000009号", "answer": "DIFF", "theirs": {"amount_fen": 1}}]
    answered = post(client, f"{path}/responses", {"lines": lines})
    assert answered.json()["differ"] == [lines[0]["number"]]
    assert [one.kind for one in exchange.differences()] == ["unknown"]
    assert post(client, f"{path}/responses", {"lines": [{"number": "x", "answer": "YES"}]}).status_code == 422


def test_the_same_change_sent_again_is_done_once_and_marked(bank: Any) -> None:
    made, client = bank
    say(made, 1)
    client.get(f"{API}/events?after=0")
    head = {"headers": {"Idempotency-Key": "ack-00001"}}
    first, again = post(client, "/events/ack", {"seq": 1}, **head), post(client, "/events/ack", {"seq": 1}, **head)
    assert first.content == again.content
    assert again["Idempotency-Replayed"] == "true"
    other = post(client, "/events/ack", {"seq": 0}, **head)
    assert (other.status_code, other.json()["code"]) == (422, "key_of_another_request")
