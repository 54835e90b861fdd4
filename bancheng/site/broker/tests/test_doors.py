"""Both brokers keep the same rules: the embedded one behind its doorkeeper, and mosquitto by the files we write for it."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bancheng.lib import brokerkeys
from bancheng.site.broker.tests.brokers import READING, SECRET, Broker, Client, found, until
from bancheng.site.verbs import broker as verb
from bancheng.site.verbs import meters


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Broker]]:
    """Brokers that have been started for these tests, by kind; each is started once."""
    kinds: dict[str, Broker] = {}
    yield kinds
    for one in kinds.values():
        one.stop()


def of_kind(kind: str, running: dict[str, Broker], folders: pytest.TempPathFactory) -> Broker:
    if kind not in running:
        running[kind] = Broker(kind, folders.mktemp(kind))
    return running[kind]


@pytest.fixture(params=["embedded", "mosquitto"])
def broker(
    request: pytest.FixtureRequest, running: dict[str, Broker], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broker]:
    if request.param == "mosquitto" and not found():
        pytest.skip("mosquitto is not installed (apt-get install mosquitto)")
    one = of_kind(request.param, running, tmp_path_factory)
    yield one
    one.send_all_home()


@pytest.fixture
def embedded(running: dict[str, Broker], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    one = of_kind("embedded", running, tmp_path_factory)
    yield one
    one.send_all_home()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Broker]:
    """An embedded broker of the test's own, to be killed."""
    one = Broker("embedded", tmp_path)
    yield one
    one.stop()


def test_only_who_is_enrolled_comes_in_and_under_his_own_name(broker: Broker) -> None:
    """B1.12: a device that claims another's name is refused."""
    assert broker.gateway("gw-1").is_in()
    assert broker.platform().is_in()
    assert not broker.come("gw-1", broker.passwords["gw-2"]).is_in()
    assert not broker.come("gw-3", "anything").is_in()
    assert not broker.come("", "").is_in()
    assert not broker.come("platform", "anything", name="platform-2").is_in()


def test_a_gateway_cannot_throw_another_out_by_its_client_name(broker: Broker) -> None:
    one = broker.gateway("gw-1")
    assert one.is_in()
    broker.come("gw-2", broker.passwords["gw-2"], name="gw-1").told.wait(5)
    one.say("pw/1/gw-1/1/reading")
    assert one.ends == 0


def test_what_is_its_own_reaches_the_platform_and_a_command_the_gateway(broker: Broker) -> None:
    platform, one = broker.platform(), broker.gateway("gw-1")
    assert platform.is_in()
    assert one.is_in()
    platform.hear("pw/1/+/+/reading")
    assert one.hear("pw/1/gw-1/+/cmd", "pw/1/gw-1/ack") == [1, 1]
    one.say("pw/1/gw-1/1/reading")
    platform.say("pw/1/gw-1/1/cmd", b'{"op":"stop"}')
    until(lambda: platform.heard and one.heard)
    assert platform.heard == [("pw/1/gw-1/1/reading", READING, False)]
    assert one.heard == [("pw/1/gw-1/1/cmd", b'{"op":"stop"}', False)]


def test_another_s_topics_are_neither_said_nor_heard_and_the_others_unharmed(broker: Broker) -> None:
    """B1.12, and the wild gateway of issue 4: refused, the others go on."""
    platform, one, two = broker.platform(), broker.gateway("gw-1"), broker.gateway("gw-2")
    assert platform.is_in()
    assert one.is_in()
    assert two.is_in()
    platform.hear("pw/1/#")
    two.hear("pw/1/gw-2/+/cmd")
    for topic in ("pw/1/gw-2/1/reading", "pw/1/gw-2/1/cmd", "pw/1/gw-1/1/cmd", "pw/1/gw-2/status", "other/topic"):
        one.say(topic)
    one.hear("pw/1/gw-2/+/cmd", "pw/1/+/+/cmd")
    platform.say("pw/1/gw-2/1/cmd", b'{"for":2}')
    one.say("pw/1/gw-1/1/event")
    two.say("pw/1/gw-2/1/event")
    until(lambda: {topic for topic, _, _ in platform.heard} >= {"pw/1/gw-1/1/event", "pw/1/gw-2/1/event"} and two.heard)
    told = {topic for topic, _, retained in platform.heard if not retained and not topic.endswith("/refused")}
    assert told == {"pw/1/gw-1/1/event", "pw/1/gw-2/1/event", "pw/1/gw-2/1/cmd"}
    assert [payload for _, payload, _ in two.heard] == [b'{"for":2}']
    assert one.heard == []


def test_a_retained_command_of_a_gateway_stays_nowhere(broker: Broker) -> None:
    one = broker.gateway("gw-1")
    assert one.is_in()
    one.say("pw/1/gw-1/1/cmd", b'{"op":"start"}', retain=True)
    one.say("pw/1/gw-2/1/cmd", b'{"op":"start"}', retain=True)
    late = broker.gateway("gw-2")
    assert late.is_in()
    late.hear("pw/1/gw-2/+/cmd")
    platform = broker.platform()
    assert platform.is_in()
    platform.hear("pw/1/+/+/cmd")
    time.sleep(0.5)
    assert platform.heard == []
    assert late.heard == []


def test_a_megabyte_is_not_taken_and_the_others_go_on(broker: Broker) -> None:
    platform, one, two = broker.platform(), broker.gateway("gw-1"), broker.gateway("gw-2")
    assert platform.is_in()
    assert one.is_in()
    assert two.is_in()
    platform.hear("pw/1/+/+/reading")
    one.say("pw/1/gw-1/1/reading", b"x" * 1_000_000, wait=False)
    two.say("pw/1/gw-2/1/reading")
    until(lambda: platform.heard)
    time.sleep(0.3)
    assert platform.heard == [("pw/1/gw-2/1/reading", READING, False)]


def test_a_last_will_is_said_for_a_gateway_that_is_gone_and_not_in_another_s_name(broker: Broker) -> None:
    platform = broker.platform()
    assert platform.is_in()
    platform.hear("pw/1/+/status")
    # a name no other test uses: a line of an earlier test that ends only now would say the will of its name
    one = broker.gateway("gw-4", will="pw/1/gw-4/status")
    assert one.is_in()
    two = broker.gateway("gw-2", will="pw/1/gw-4/status")
    two.told.wait(5)
    two.die()
    time.sleep(0.3)
    assert [each for each in platform.heard if not each[2]] == []
    one.die()
    until(lambda: platform.heard)
    assert platform.heard[-1][:2] == ("pw/1/gw-4/status", b'{"on":0,"boot":1}')


def test_what_the_platform_has_not_acknowledged_is_said_again(broker: Broker) -> None:
    first = broker.platform("acq-1", keep=True)
    assert first.is_in()
    first.hear("pw/1/+/+/event")
    first.die()
    one = broker.gateway("gw-1")
    assert one.is_in()
    for number in range(200):
        one.say("pw/1/gw-1/1/event", b"%d" % number, wait=False)
    one.say("pw/1/gw-1/1/event", b"200")
    again = broker.platform("acq-1", keep=True)
    until(lambda: len(again.heard) == 201)
    assert [int(payload) for _, payload, _ in again.heard] == list(range(201))


def test_what_was_refused_is_counted_and_told_to_the_platform(fresh: Broker) -> None:
    """Issue 4: refused, counted, alarmed."""
    platform, one = fresh.platform(), fresh.gateway("gw-1")
    assert platform.is_in()
    assert one.is_in()
    platform.hear("pw/1/+/refused")
    one.say("pw/1/gw-2/1/reading")
    one.say("pw/1/gw-2/1/reading")
    one.say("pw/1/gw-1/1/reading", retain=True)
    one.say("pw/1/gw-1/1/reading", b"x" * 5_000)
    fresh.come("gw-1", "wrong").told.wait(5)
    until(lambda: platform.heard, 15)
    topic, payload, _ = platform.heard[0]
    assert topic == "pw/1/gw-1/refused"
    assert json.loads(payload) == {"counts": {"foreign": 2, "retained": 1, "large": 1, "password": 1}}
    assert "gw-1: foreign 2" in (fresh.folder / "log").read_text()


def test_a_flood_is_read_slowly_loses_nothing_and_holds_up_nobody(embedded: Broker) -> None:
    platform, one, two = embedded.platform(), embedded.gateway("gw-1"), embedded.gateway("gw-2")
    assert platform.is_in()
    assert one.is_in()
    assert two.is_in()
    platform.hear("pw/1/+/+/event", "pw/1/+/refused")
    for number in range(2_400):
        one.say("pw/1/gw-1/1/event", b"%d" % number, wait=False)
    time.sleep(0.5)
    began = time.monotonic()
    two.say("pw/1/gw-2/1/event")
    assert time.monotonic() - began < 2
    until(lambda: sum(topic == "pw/1/gw-1/1/event" for topic, _, _ in platform.heard) == 2_400, 30)
    until(lambda: any(topic == "pw/1/gw-1/refused" and b"flooded" in said for topic, said, _ in platform.heard), 15)


def test_who_is_revoked_is_out_from_his_next_coming_on(embedded: Broker) -> None:
    password = embedded.book.enrol(["gw-3"])["gw-3"]
    assert embedded.come("gw-3", password).is_in()
    embedded.book.revoke(["gw-3"])
    assert not embedded.come("gw-3", password).is_in()
    assert embedded.gateway("gw-2").is_in()


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x10\xff\xff\xff\xff\xff",
        b"\x10\x00",
        b"\x30\x05\x00\x01a\x00\x01",
        b"\xff" * 100_000,
        b"\x10\x0c\x00\x04MQTT\x05\x02\x00\x3c\x00\x00",
    ],
    ids=["http", "endless", "empty", "publish first", "noise", "MQTT 5"],
)
def test_who_does_not_speak_mqtt_is_thrown_out_and_the_others_stay(embedded: Broker, sent: bytes) -> None:
    one = embedded.gateway("gw-1")
    assert one.is_in()
    with socket.create_connection(("127.0.0.1", embedded.port), timeout=5) as stranger:
        try:
            stranger.sendall(sent)
            assert len(stranger.recv(100)) in (0, 4)
        except ConnectionError:
            pass
    one.say("pw/1/gw-1/1/event")
    assert one.ends == 0


def test_a_killed_broker_forgets_and_lets_everybody_in_again(fresh: Broker) -> None:
    """What counts is in the devices' flash and in our outbox; retained states and sessions are gone."""
    one = fresh.gateway("gw-1")
    assert one.is_in()
    one.say("pw/1/gw-1/1/state", retain=True)
    fresh.process.send_signal(signal.SIGKILL)
    fresh.process.wait(5)
    until(lambda: one.ends)
    fresh.start()
    again, platform = fresh.gateway("gw-1"), fresh.platform()
    assert again.is_in()
    assert platform.is_in()
    platform.hear("pw/1/+/+/state")
    time.sleep(0.3)
    assert platform.heard == []


def test_a_broker_that_died_inside_its_process_is_noticed(fresh: Broker) -> None:
    """rumqttd's router dies when a member of $share is killed with messages unacknowledged; the process ends, so that it is started again."""
    member = Client(fresh.port, "platform", SECRET, name="member", keep=True)
    member.mqtt.manual_ack_set(True)
    one = fresh.gateway("gw-1")
    assert member.is_in()
    assert one.is_in()
    member.hear("$share/acq/pw/1/+/+/event")
    for _ in range(120):
        one.say("pw/1/gw-1/1/event", wait=False)
    until(lambda: len(member.heard) >= 100)
    member.die()
    assert fresh.process.wait(40) == verb.DIED
    fresh.start()


def test_it_never_listens_to_the_world(capfd: pytest.CaptureFixture[str]) -> None:
    import argparse

    assert verb.run(argparse.Namespace(what=None, address="0.0.0.0:1883")) == 1
    assert "loopback" in capfd.readouterr().err


def test_a_simulated_gateway_keeps_its_password_and_gets_another_when_it_is_revoked(tmp_path: Path) -> None:
    kept, passwords = tmp_path / "sim.json", tmp_path / "passwords"
    first = dict(meters.credentials(kept, ["gw-1", "gw-2"], passwords))
    assert meters.credentials(kept, ["gw-1", "gw-2"], passwords) == first
    assert kept.stat().st_mode & 0o077 == 0
    brokerkeys.Book(passwords).revoke(["gw-1"])
    again = meters.credentials(kept, ["gw-1", "gw-2"], passwords)
    assert again["gw-1"] != first["gw-1"]
    assert again["gw-2"] == first["gw-2"]
