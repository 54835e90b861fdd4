"""A batch of messages: judged, stored, answered, followed."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from bancheng.lib import socketwire as wire
from bancheng.lib.refusal import Garbled
from bancheng.services.sockets.operations import gateways, lingering, progressing, storing
from bancheng.services.sockets.operations.storing import Heard
from bancheng.services.sockets.queries.registry import Registered
from bancheng.services.sockets.rules.floods import Bucket, repeats


@dataclass
class Hearing:
    """What one listener remembers between batches: how much each gateway has said, and what was refused."""

    buckets: dict[str, Bucket] = field(default_factory=dict)
    repeats: dict[str, Bucket] = field(default_factory=dict)  # how much of it was stored already
    refused: dict[str, Counter[str]] = field(default_factory=dict)
    heard: int = 0

    def refuse(self, gateway: str, why: str) -> None:
        """Count a message that is not taken."""
        self.refused.setdefault(gateway, Counter())[why] += 1

    def note(self, told: wire.Refusals) -> None:
        """Count what the broker's doorkeeper refused before it came to us; whatever smells of somebody else is foreign."""
        kinds = {"flooded": "flooded", "large": "garbled", "malformed": "garbled"}
        for reason, count in told.counts.items():
            self.refused.setdefault(told.gateway, Counter())[kinds.get(reason, "foreign")] += count

    def note_repeats(self, repeated: Mapping[str, int]) -> None:
        """Count as a flood what is said again beyond measure. It is not stored twice anyhow."""
        now = time.monotonic()
        for gateway, count in repeated.items():
            bucket = self.repeats.setdefault(gateway, repeats(now))
            if over := sum(not bucket.take(now) for _ in range(count)):
                self.refused.setdefault(gateway, Counter())["flooded"] += over

    def take_refused(self) -> dict[str, gateways.Refusals]:
        """Return what was refused since the last time, and begin anew."""
        taken, self.refused = self.refused, {}
        return {gateway: gateways.Refusals(**counted) for gateway, counted in taken.items()}

    def give_back(self, refused: Mapping[str, gateways.Refusals]) -> None:
        """Remember what could not be written down."""
        for gateway, counted in refused.items():
            self.refused.setdefault(gateway, Counter()).update(asdict(counted))


def hear(
    batch: Sequence[tuple[str, bytes]], *, gateways: Mapping[str, Registered], hearing: Hearing, at: datetime
) -> list[wire.Message]:
    """Take a batch in; return what is to be said once this has returned. What cannot be read, or is not whose it says, is counted and dropped."""
    said = [message for topic, payload in batch if (message := _judged(topic, payload, gateways, hearing))]
    answers: list[wire.Message] = []
    repeated: Counter[str] = Counter()
    for region in sorted({gateways[message.gateway].region for message in said}):
        answers += take_in([each for each in said if gateways[each.gateway].region == region], region, at, repeated)
    hearing.note_repeats(repeated)
    hearing.heard += len(said)
    return answers


def _judged(topic: str, payload: bytes, known: Mapping[str, Registered], hearing: Hearing) -> Any:
    """Return the message, None for one that is refused."""
    name = topic.split("/")[2][:32] if topic.count("/") >= 3 else ""
    registered = known.get(name)
    if registered is None:
        hearing.refuse(name, "foreign")
        return None
    if not hearing.buckets.setdefault(name, Bucket(at=time.monotonic())).take(time.monotonic()):
        hearing.refuse(name, "flooded")
        return None
    try:
        message = wire.read(topic, payload)
    except Garbled:
        hearing.refuse(name, "garbled")
        return None
    if isinstance(message, wire.Refusals):
        hearing.note(message)
        return None
    if getattr(message, "socket", None) not in (None, *registered.wires):
        hearing.refuse(name, "foreign")
        return None
    return message


def take_in(said: Sequence[Any], region: str, at: datetime, repeated: Counter[str] | None = None) -> list[wire.Message]:
    """Store what gateways of one region were rightly heard to say, and follow what it means; return what is to be said to them.

    This is the one way in, whatever door a message came by. Once it has returned the database has it.
    """
    answers: list[wire.Message] = []
    log = [Heard(each, at) for each in said if isinstance(each, wire.Reading | wire.Event | wire.State)]
    for each in said:
        if isinstance(each, wire.Status):
            gateways.heard(each, region=region, at=at)
        elif isinstance(each, wire.TimeAsked):
            answers.append(_time(each, region, at))
    if log:
        stored = storing.store(log, region=region, repeated=repeated)
        answers += _stored(stored, log)
    for each in said:
        if isinstance(each, wire.CommandAck):
            gateways.answered(each, at=at)
    if log:
        progressing.follow_all(sorted({each.message.gateway for each in log}), at=at)
    lingering.end([each for each in said if isinstance(each, wire.State)], at=at)
    return answers


def _time(asked: wire.TimeAsked, region: str, at: datetime) -> wire.TimeTold:
    now_ms = int(at.timestamp() * 1000)
    gateways.clock_off(asked.gateway, asked.ts_ms - now_ms, region=region, at=at)
    return wire.TimeTold(asked.gateway, asked.boot, asked.up_ms, asked.ts_ms, now_ms)


def _stored(stored: Mapping[storing.Key, int], log: Sequence[Heard]) -> list[wire.Message]:
    """Return what each gateway may erase. Only readings and events are kept there."""
    told: dict[tuple[str, int], dict[str, int]] = {}
    for heard in log:
        message = heard.message
        if not isinstance(message, wire.State):
            key = (message.gateway, message.socket, message.boot)
            told.setdefault((message.gateway, message.boot), {})[message.socket] = stored[key]
    return [wire.Stored(gateway, boot, seqs) for (gateway, boot), seqs in told.items()]
