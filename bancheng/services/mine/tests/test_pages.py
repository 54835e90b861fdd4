"""What a person sees and decides, and what nobody else does."""

import json
from datetime import datetime

import pytest
from django.test import Client

from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.notices import public as notices
from bancheng.kernel.notices import testing
from bancheng.lib import signing

pytestmark = pytest.mark.django_db
AT = datetime.fromisoformat("2026-06-01T10:00:00+08:00")
KIND = "test.reminder"


@pytest.fixture
def holder():
    return people.citizen(serial=7)


@pytest.fixture
def outside():
    return testing.gateways()


@pytest.fixture
def message(holder, outside):
    testing.published_kind(KIND, at=AT, ladder=testing.SMS_ONLY, quiet=notices.Quiet())
    holder_hash = identity.find_hash(people.citizen_id(7), kind="citizen_id")
    to = notices.Recipient.of(mobile="13800000001", holder_hash=holder_hash)
    made = notices.accept(kind=KIND, region="411002", key="k", subject="s", to=to, values={"due": "2026-11-30"}, at=AT)
    testing.send_all(at=AT, to=outside)
    return made


def page(user, path, **how):
    return people.client_for(user).get(path, **how)


def test_a_person_finds_his_messages_and_opening_one_marks_it(holder, message):
    shown = page(holder, "/mine/").content.decode()
    assert "提醒：2026年11月30日（周一）" in shown
    assert "有1条还没看过" in shown
    opened = page(holder, f"/mine/messages/{message}/").content.decode()
    assert "短信：已发出" in opened
    assert "都看过了" in page(holder, "/mine/").content.decode()


def test_the_pages_are_complete_in_english(holder, message):
    client = people.client_for(holder)
    client.cookies["django_language"] = "en"
    for path in ("/mine/", f"/mine/messages/{message}/", "/mine/preferences/"):
        assert client.get(path).status_code == 200
    assert "Reminder: Mon 30 Nov 2026" in client.get("/mine/").content.decode()


def test_another_persons_message_does_not_exist(message):
    """P-4"""
    other = people.citizen("钱二", serial=8)
    assert page(other, f"/mine/messages/{message}/").status_code == 404
    assert "还没有发给您的消息" in page(other, "/mine/").content.decode()


@pytest.mark.parametrize(
    ("services", "sees"),
    [
        ([], True),
        (["test"], True),
        (["test", "sockets"], True),
        (["mine"], True),
        (["sockets"], False),
        (["tes"], False),
    ],
)
def test_an_agent_reads_the_messages_of_the_services_he_acts_in_and_no_others(holder, message, services, sees):
    """P-5: the list, the message and what he stops; the principal's preferences are never his."""
    agent = people.citizen("孙三", serial=8)
    identity.link_agent(
        principal=holder.person, agent=agent.person, document="委托书1号", first=people.AT.date(), services=services,
        by="staff:1", at=people.AT,
    )  # fmt: skip
    assert page(agent, f"/mine/messages/{message}/").status_code == (200 if sees else 404)
    assert ("提醒：2026年11月30日（周一）" in page(agent, "/mine/").content.decode()) is sees
    people.client_for(agent).post("/mine/preferences/", {"kind": KIND, "channel": "", "want": "0"})
    assert notices.stops(holder_hashes=[identity.find_hash(people.citizen_id(7), kind="citizen_id")]) == set()


@pytest.mark.parametrize(
    ("path", "staff_sees"), [("/mine/", 200), ("/mine/messages/1/", 404), ("/mine/preferences/", 403)]
)
def test_nobody_is_sent_to_sign_in_and_staff_has_an_inbox_and_nothing_to_stop(path, staff_sees):
    assert page(None, path).status_code == 302
    assert page(people.staff("operator"), path).status_code == staff_sees


def test_staff_finds_what_is_said_to_it_on_the_desk_and_a_colleague_does_not(holder, message):
    """P-3 P-4: the inbox alone, nothing is sent to a phone; a citizen's messages are not there either."""
    clerk, colleague = people.staff("unit_admin", unit="A"), people.staff("unit_admin", unit="A")
    testing.published_kind("test.desk", at=AT, ladder=(), quiet=notices.Quiet())
    told = notices.to_staff(clerk.pk)
    made = notices.accept(
        kind="test.desk", region="411002", key="d", subject="d", to=told, values={"due": "2026-12-01"}, at=AT
    )
    shown = page(clerk, "/mine/").content.decode()
    assert "2026年12月1日" in shown
    assert "2026年11月30日" not in shown
    assert "有1条还没看过" in shown
    assert 'class="bc-side"' in shown
    assert "接收设置" not in shown
    opened = page(clerk, f"/mine/messages/{made}/").content.decode()
    assert "不是法律文书的送达" in opened
    assert "都看过了" in page(clerk, "/mine/").content.decode()
    assert page(colleague, f"/mine/messages/{made}/").status_code == 404
    assert page(holder, f"/mine/messages/{made}/").status_code == 404
    assert page(clerk, f"/mine/messages/{message}/").status_code == 404
    assert "2026年12月1日" not in page(colleague, "/mine/").content.decode()


def test_every_message_says_that_it_is_no_legal_service_and_names_a_number_a_person_answers(holder, message):
    """N-1 N-10 R10.4"""
    client = people.client_for(holder)
    shown = client.get(f"/mine/messages/{message}/").content.decode()
    assert "不是法律文书的送达；不增加义务，也不成为逾期的理由" in shown
    assert 'href="tel:12345"' in shown
    client.cookies["django_language"] = "en"
    assert "not legal service of a document" in client.get(f"/mine/messages/{message}/").content.decode()


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999"])
def test_a_strange_page_number_shows_the_first_page(holder, message, number):
    assert "2026年11月30日" in page(holder, "/mine/", data={"page": number}).content.decode()


def test_a_kind_is_stopped_and_started_by_one_press(holder, message):
    """R-ID-7"""
    client = people.client_for(holder)
    assert "21:00至次日08:00不发送" in client.get("/mine/preferences/").content.decode()
    answer = client.post("/mine/preferences/", {"kind": KIND, "channel": "", "want": "0"}, follow=True)
    assert "已停止" in answer.content.decode()
    mine = [identity.find_hash(people.citizen_id(7), kind="citizen_id")]
    assert notices.stops(holder_hashes=mine) == {notices.Stop(KIND, "")}
    client.post("/mine/preferences/", {"kind": KIND, "channel": "", "want": "1"})
    assert notices.stops(holder_hashes=mine) == set()


def test_a_choice_that_is_not_offered_changes_nothing(holder, message):
    client = people.client_for(holder)
    assert client.post("/mine/preferences/", {"kind": "no.such", "want": "0"}).status_code == 404


def test_the_link_in_a_text_asks_and_one_press_stops_without_signing_in(message):
    """R-ID-7"""
    address = f"/t/{testing.stop_token(message)}"
    client = Client()
    phone = notices.Recipient.of(mobile="13800000001").mobile_hash
    assert "退订“测试提醒”？" in client.get(address).content.decode()
    assert notices.stops(mobile_hash=phone) == set()  # opening changes nothing
    assert "已退订“测试提醒”" in client.post(address, {"want": "0"}).content.decode()
    assert notices.stops(mobile_hash=phone) == {notices.Stop(KIND, "")}
    client.post(address, {"want": "1"})
    assert notices.stops(mobile_hash=phone) == set()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_made_up_link_is_told_what_to_do(method):
    answer = getattr(Client(), method)("/t/1-000000000000")
    assert answer.status_code == 404
    assert "12345" in answer.content.decode()


def post(client, body, *, secret=None, path="/notices/receipts/sms", **change):
    from django.conf import settings

    head = signing.signed(secret=secret or settings.GATEWAY_SECRET.encode(), method="POST", path=path, body=body)
    return client.post(path, data=body, content_type="application/json", headers={**head, **change})


def receipt(outside, state="delivered"):
    (name,) = outside["sms"].taken
    return json.dumps({"receipts": [{"id": name, "ref": "r", "state": state, "at": 1_780_280_000_000}]}).encode()


def test_a_signed_receipt_is_taken_and_seen_in_the_inbox(holder, message, outside):
    client = Client(enforce_csrf_checks=True)
    assert post(client, receipt(outside)).json() == {"taken": 1}
    assert post(client, receipt(outside)).json() == {"taken": 0}
    assert "短信：已送达" in page(holder, f"/mine/messages/{message}/").content.decode()


def test_a_forged_unsigned_or_replayed_receipt_is_refused(message, outside):
    client, body = Client(), receipt(outside)
    assert post(client, body, secret=b"wrong").status_code == 401
    assert client.post("/notices/receipts/sms", data=body, content_type="application/json").status_code == 401
    head = {"X-Bancheng-Nonce": "once"}
    assert post(client, body, **head).status_code == 401
    assert testing.stages(KIND) == [notices.Stage.UNDERWAY]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"receipts": [1]}', b"\xff"])
def test_receipts_that_cannot_be_read_are_dropped_whole(body):
    assert post(Client(), body).status_code == 422


def test_receipts_of_an_unknown_channel_find_nothing(message, outside):
    assert post(Client(), receipt(outside), path="/notices/receipts/pigeon").json() == {"taken": 0}


def test_the_receipt_door_answers_only_posts():
    assert Client().get("/notices/receipts/sms").status_code == 405
