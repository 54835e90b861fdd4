"""The simulated gateways: what they take, repeat, reject, deliver and tell, and what a phone shows."""

import asyncio
import json
import secrets

import httpx
import pytest
from starlette.applications import Starlette

from bancheng.lib import signing
from bancheng.sim import gateways, panel, phone
from bancheng.sim.state import World, now, push_token

SECRET = b"shared"
NUMBER = "13800000001"


class Client:
    """Asks the application without a network."""

    def __init__(self, app):
        self.app = app

    def ask(self, method, path, **how):
        async def once():
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://sim") as client:
                return await client.request(method, path, **how)

        return asyncio.run(once())

    def get(self, path, **how):
        return self.ask("GET", path, **how)

    def post(self, path, **how):
        return self.ask("POST", path, **how)


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path, secret=SECRET)
    yield made
    made.journal.close()


@pytest.fixture
def client(world):
    routes = [*gateways.routes(lambda: world), *phone.routes(lambda: world), *panel.routes(lambda: world)]
    return Client(Starlette(routes=routes))


def signed(method, path, body=b"", secret=SECRET):
    nonce = secrets.token_hex(8)
    return signing.sign(secret=secret, method=method, path=path, body=body, at=int(now()), nonce=nonce)


def send(client, *items, channel="sms", **sign):
    path = f"/{channel}/v1/messages"
    body = json.dumps({"messages": items}).encode()
    return client.post(path, content=body, headers=signed("POST", path, body, **sign))


def sms(n=1, **change):
    return {"id": f"m{n}", "to": NUMBER, "text": f"【许昌】第{n}条", **change}


def test_a_message_and_its_receipt_are_dated_by_the_instant_it_carries(world, client):
    """A10.5: a replayed year has its messages in their own months; what carries no instant is dated by the wall clock."""
    path = "/sms/v1/messages"
    at = 1_700_000_000_123
    body = json.dumps({"at": at, "messages": [sms(1)]}).encode()
    assert client.post(path, content=body, headers=signed("POST", path, body)).status_code == 200
    send(client, sms(2))
    path = "/sms/v1/status?ids=m1,m2"
    told = client.get(path, headers=signed("GET", path)).json()["results"]
    assert told[0]["at"] == at
    assert abs(told[1]["at"] / 1000 - now()) < 60
    for wrong in (True, -1, "1", 10**15):
        body = json.dumps({"at": wrong, "messages": [sms(3)]}).encode()
        path = "/sms/v1/messages"
        assert client.post(path, content=body, headers=signed("POST", path, body)).status_code == 422


def lines(world):
    return [json.loads(line) for line in world.journal._path.read_text().splitlines()]


def test_a_message_taken_twice_has_one_reference_and_is_delivered_once(world, client):
    first, second = send(client, sms()).json(), send(client, sms()).json()
    assert first == second
    assert [line["e"] for line in lines(world)] == ["delivered"]


def test_a_restarted_simulator_knows_what_it_took_and_what_it_owes(world, client, tmp_path):
    ref = send(client, sms()).json()["results"][0]["ref"]
    again = World(tmp_path, secret=SECRET)
    assert again.take("sms", [sms()])[0]["ref"] == ref
    assert again.due("sms") == [("m1", "delivered")]
    again.told("sms", [("m1", "delivered")])
    assert World(tmp_path, secret=SECRET).due("sms") == []


def test_a_line_torn_by_a_kill_is_cut_off_and_its_message_comes_again(world, client, tmp_path):
    send(client, sms(1), sms(2))
    path = world.journal._path
    path.write_bytes(path.read_bytes()[:-7])
    again = World(tmp_path, secret=SECRET)
    assert [id_ for _, id_ in again.messages] == ["m1"]
    again.take("sms", [sms(2)])
    assert [line["id"] for line in lines(world)] == ["m1", "m2"]


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (sms(to="12345"), "bad_number"),
        (sms(to="１３８００００００００"), "bad_number"),
        (sms(text=""), "bad_message"),
        (sms(text="字" * 501), "too_long"),
        ("no message", "bad_message"),
    ],
)
def test_one_bad_message_is_rejected_by_its_code_and_the_others_are_taken(client, item, code):
    results = send(client, item, sms(2)).json()["results"]
    assert results[0]["code"] == code
    assert results[1]["ref"]


def test_an_unsigned_forged_or_repeated_request_is_refused(client):
    assert client.post("/sms/v1/messages", content=b"{}").status_code == 401
    assert send(client, sms(), secret=b"other").status_code == 401
    body = json.dumps({"messages": [sms()]}).encode()
    head = signed("POST", "/sms/v1/messages", body)
    assert client.post("/sms/v1/messages", content=body, headers=head).status_code == 200
    assert client.post("/sms/v1/messages", content=body, headers=head).status_code == 401


def test_more_than_a_batch_is_refused_whole(world, client):
    assert send(client, *(sms(n) for n in range(201))).status_code == 422
    assert not world.messages


def test_the_status_of_known_ids_is_told_and_unknown_ones_are_left_out(client):
    send(client, sms())
    path = "/sms/v1/status?ids=m1,m9"
    results = client.get(path, headers=signed("GET", path)).json()["results"]
    assert [(each["id"], each["state"]) for each in results] == [("m1", "delivered")]


def test_faults_stop_refuse_and_fail_as_they_are_switched(world, client):
    assert client.post("/faults.json", json={"sms": {"down": True}}).status_code == 200
    assert send(client, sms()).status_code == 503
    client.post("/faults.json", json={"sms": {"down": False, "reject": [NUMBER], "fail": ["13800000002"]}})
    results = send(client, sms(), sms(2, to="13800000002")).json()["results"]
    assert results[0]["code"] == "rejected_number"
    assert world.due("sms") == [("m2", "failed")]


def test_an_answer_dropped_after_acceptance_leaves_the_message_delivered_once(world, client):
    world.set_faults("sms", {"drop_rate": 1.0})
    with pytest.raises(ValueError, match="Expecting"):
        send(client, sms()).json()
    world.set_faults("sms", {"drop_rate": 0.0})
    assert send(client, sms()).json()["results"][0]["ref"]
    assert sum(line["e"] == "delivered" for line in lines(world)) == 1


@pytest.mark.parametrize("wrong", [{"speed": 1}, {"down": 1}, {"lose_rate": 2}, {"slow_ms": -1}, {"reject": "13"}])
def test_an_unknown_fault_changes_nothing(world, client, wrong):
    assert client.post("/faults.json", json={"sms": {"late_ms": 5} | wrong}).status_code == 422
    assert world.faults["sms"].late_ms == 0


def test_receipts_may_be_lost_doubled_and_late(world):
    world.set_faults("sms", {"duplicate_rate": 1.0})
    world.take("sms", [sms(1)])
    assert world.due("sms") == [("m1", "delivered")] * 2
    world.set_faults("sms", {"lose_rate": 1.0})
    world.take("sms", [sms(2)])
    assert world.due("sms") == []
    world.set_faults("sms", {"lose_rate": 0.0, "duplicate_rate": 0.0, "late_ms": 60_000})
    world.take("sms", [sms(3)])
    assert world.due("sms") == []
    assert world.owed("sms") == 1


def test_the_phone_shows_texts_and_cards_and_opening_a_card_owes_a_read_receipt(world, client):
    send(client, sms(text="【许昌】详见 https://example.invalid/a?x=1&y=2。<b>"))
    card = {"id": "p1", "to": push_token(SECRET, NUMBER), "template": "t", "title": "到期提醒", "body": "请续办"}
    send(client, card | {"page": "https://example.invalid/p", "data": {"材料": "申请书"}}, channel="push")
    shown = client.get(f"/phone/?n={NUMBER}").text
    assert '<a href="https://example.invalid/a?x=1&amp;y=2">' in shown
    assert "&lt;b&gt;" in shown
    assert "到期提醒" in shown
    assert "<dd>申请书</dd>" in shown
    opened = client.post("/phone/open?id=p1")
    assert opened.headers["location"] == "https://example.invalid/p"
    assert ("p1", "read") in world.due("push")
    assert "138 0000 0001" in client.get("/phone/").text


def test_a_wrong_number_is_named_and_nothing_is_reflected_unescaped(client):
    shown = client.get("/phone/?n=<script>").text
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown.replace('<script src="/static/live.js" defer></script>', "")


def test_the_panel_saves_its_form_and_refuses_a_foreign_one(world, client):
    assert client.get("/faults/").status_code == 200
    client.post("/faults/sms", data={"slow_ms": "30", "shuffle": "1", "reject": "a\nb"})
    faults = world.faults["sms"]
    assert (faults.slow_ms, faults.shuffle, faults.reject) == (30, True, ["a", "b"])
    foreign = client.post("/faults/sms", data={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert client.post("/faults/sms", data={"slow_ms": "soon"}).headers["location"].endswith("wrong=sms")


def test_pages_speak_english_when_asked(client):
    assert "Fault panel" in client.get("/faults/?lang=en").text
    assert "Simulated phones" in client.get("/phone/?lang=en").text
