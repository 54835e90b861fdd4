"""No message lost, none delivered twice: worker, gateway, web and database are killed while messages are under way."""

from collections import Counter

import pytest

from tests.whole.city import City

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]
COUNT = 1000
DELIVERED = 40  # the stage of a message whose receipt has come


def test_across_kills_of_everything_each_message_reaches_its_phone_exactly_once(city: City) -> None:
    """N-3 N-4 B10.5: kill -9 of worker, gateway, web and database while 1,000 messages are under way."""
    for name in ("sim", "web"):
        city.start(name)
    city.faults(slow_ms=150, drop_rate=0.1, duplicate_rate=0.2, shuffle=True, latency_ms=100)
    city.work("accept", str(COUNT))
    city.start("worker")
    city.start("hurry")
    for step, victims in enumerate(
        [["worker"], ["sim"], ["postgres"], ["web"], ["worker", "sim", "postgres", "web"]], start=1
    ):
        city.delivered(step * COUNT // 8)
        for victim in victims:
            city.kill(victim)
        before = len(city.journal())
        for victim in reversed(victims):
            city.revive(victim)
        assert before < COUNT, "everything was sent before the kill: the test proves nothing"
    city.delivered(COUNT, seconds=120)
    reached = "select count(*) from notices_message where stage = %s"
    city.until(lambda: city.count(reached, DELIVERED) == COUNT, "every receipt", seconds=120)
    texts = Counter(event["content"]["text"] for event in city.journal())
    assert len(texts) == COUNT
    assert {text: times for text, times in texts.items() if times > 1} == {}
