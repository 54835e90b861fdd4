"""What the simulated gateways know: messages, phones, receipts still owed and faults switched on.

Everything that a real phone would have received is one line of the journal (`BANCHENG_VAR/sim/journal.jsonl`), written
before the gateway answers. A killed simulator reads it again and goes on: it repeats the same references, owes the same
receipts and delivers nothing a second time. A line torn by the kill was never answered, so it is cut off and the
client's repeat brings it again.
"""

import heapq
import json
import os
import random
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from bancheng.lib import signing

CHANNELS = ("sms", "push")
BATCH = 200
MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
LONGEST_TEXT = 500

Event = dict[str, Any]


def now() -> float:
    """Return the simulator's own wall clock: it plays parties outside, which do not know ours."""
    return time.time()  # noqa: TID251


@dataclass
class Faults:
    """What is switched to go wrong on one channel; rates are 0 to 1."""

    down: bool = False  # every request is answered 503
    error_rate: float = 0.0  # 500 before anything is accepted
    slow_ms: int = 0  # wait before the request is looked at
    drop_rate: float = 0.0  # accept, then cut the connection without an answer
    latency_ms: int = 0  # from acceptance to the receipt
    reject: list[str] = field(default_factory=list)  # numbers or tokens refused at once
    fail: list[str] = field(default_factory=list)  # accepted, then reported undeliverable
    fail_rate: float = 0.0
    lose_rate: float = 0.0  # receipts never sent
    duplicate_rate: float = 0.0  # receipts sent twice
    shuffle: bool = False  # receipts leave in any order
    late_ms: int = 0  # receipts held back this long
    forge: bool = False  # receipts signed with a wrong secret

    def change(self, values: Mapping[str, Any]) -> None:
        """Set the named faults; raise ValueError for an unknown name or a value out of its kind."""
        for name, value in values.items():
            setattr(self, name, _fault(name, value))


def _fault(name: str, value: Any) -> Any:
    kinds = {each.name: each.type for each in fields(Faults)}
    kind = kinds.get(name)
    if kind is bool and isinstance(value, bool):
        return value
    if kind is int and isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 86_400_000:
        return value
    if kind is float and isinstance(value, int | float) and 0 <= value <= 1:
        return float(value)
    if kind == list[str] and isinstance(value, list):
        return [str(each) for each in value]
    raise ValueError(f"no such fault or value: {name}")


@dataclass
class Message:
    """One message that a gateway took: `outcome` is "delivered" or "undeliverable", fixed when it was taken."""

    channel: str
    id: str
    ref: str
    to: str
    content: dict[str, Any]
    at: float
    outcome: str
    reason: str = ""
    read_at: float = 0.0
    told: str = ""  # the last state whose receipt the site has confirmed

    @property
    def state(self) -> str:
        if self.outcome == "undeliverable":
            return "failed"
        return "read" if self.read_at else "delivered"


class Journal:
    """An append-only file of JSON lines."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)

    def read(self) -> Iterable[Event]:
        """Yield every whole line; cut off a torn last one."""
        whole = 0
        with self._path.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                whole += len(line)
                yield json.loads(line)
        os.ftruncate(self._file, whole)

    def write(self, events: Iterable[Event]) -> None:
        """Append `events`; when it returns they survive this process."""
        data = "".join(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n" for event in events).encode()
        while data:
            data = data[os.write(self._file, data) :]

    def close(self) -> None:
        os.close(self._file)


class World:
    """All of the simulator's state, rebuilt from the journal when it starts."""

    def __init__(self, folder: Path, *, secret: bytes) -> None:
        self.secret = secret
        self.journal = Journal(folder / "journal.jsonl")
        self.faults = {channel: Faults() for channel in CHANNELS}
        self.messages: dict[tuple[str, str], Message] = {}
        self.phones: dict[str, list[Message]] = {}  # by number; push cards by token
        self.version = 0
        self._owed: dict[str, list[tuple[float, float, str, str]]] = {channel: [] for channel in CHANNELS}
        for event in self.journal.read():
            self._replay(event)
        for message in self.messages.values():
            if message.told != message.state:
                self._owe(message)

    # -- taking messages

    def take(self, channel: str, items: list[Any], *, at: float | None = None) -> list[dict[str, str]]:
        """Accept or reject each of `items`, in order, dated `at` (None: now); journal what is new before returning.

        An id seen before gets the same reference and is not delivered again.
        """
        answers: list[dict[str, str]] = []
        fresh: list[Message] = []
        for item in items:
            known = self.messages.get((channel, str(item.get("id", "")))) if isinstance(item, dict) else None
            if known:
                answers.append({"id": known.id, "ref": known.ref})
            elif code := _rejected(channel, item, self.faults[channel]):
                given = str(item.get("id", "")) if isinstance(item, dict) else ""
                answers.append({"id": given, "code": code, "says": REJECTIONS[code]})
            else:
                message = self._message(channel, item, now() if at is None else at)
                fresh.append(message)
                self._keep(message)
                answers.append({"id": message.id, "ref": message.ref})
        self.journal.write(_line(message) for message in fresh)
        for message in fresh:
            self._owe(message)
        return answers

    def _message(self, channel: str, item: dict[str, Any], at: float) -> Message:
        faults = self.faults[channel]
        bad = item["to"] in faults.fail or random.random() < faults.fail_rate
        return Message(
            channel=channel,
            id=item["id"],
            ref=f"{channel}-{len(self.messages) + 1:08d}",
            to=item["to"],
            content={name: item[name] for name in CONTENT[channel] if name in item},
            at=at,
            outcome="undeliverable" if bad else "delivered",
            reason="absent_subscriber" if bad else "",
        )

    def _keep(self, message: Message) -> None:
        self.messages[message.channel, message.id] = message
        if message.outcome == "delivered":
            self.phones.setdefault(message.to, []).append(message)
        self.version += 1

    # -- what a person does with the phone

    def read(self, channel: str, message_id: str) -> Message | None:
        """Note that a person opened a card; a `read` receipt is owed from now on. SMS gateways know no reading."""
        message = self.messages.get((channel, message_id))
        if message and channel == "push" and not message.read_at and message.outcome == "delivered":
            message.read_at = max(now(), message.at)  # its sender's clock may be ahead of ours
            self.journal.write([{"e": "read", "channel": channel, "id": message_id, "at": message.read_at}])
            self.version += 1
            self._owe(message)
        return message

    def phone(self, number: str) -> list[Message]:
        """Return what the phone `number` has received on every channel, oldest first."""
        cards = self.phones.get(push_token(self.secret, number), [])
        return sorted([*self.phones.get(number, []), *cards], key=lambda message: message.at)

    def numbers(self) -> list[tuple[str, int, float]]:
        """Return the phones that received an SMS: number, how many messages, when the last came; newest first."""
        known = [number for number in self.phones if MOBILE.fullmatch(number)]
        rows = [(number, len(all_), all_[-1].at) for number in known if (all_ := self.phone(number))]
        return sorted(rows, key=lambda row: -row[2])

    # -- receipts

    def _owe(self, message: Message) -> None:
        faults = self.faults[message.channel]
        if random.random() < faults.lose_rate:
            return
        due = now() + (faults.latency_ms + faults.late_ms) / 1000
        for _ in range(2 if random.random() < faults.duplicate_rate else 1):
            order = random.random() if faults.shuffle else due
            heapq.heappush(self._owed[message.channel], (due, order, message.id, message.state))

    def due(self, channel: str) -> list[tuple[str, str]]:
        """Take at most a batch of receipts (id, state) whose time has come off the list."""
        owed, moment = self._owed[channel], now()
        ready: list[tuple[float, str, str]] = []
        while owed and owed[0][0] <= moment and len(ready) < BATCH:
            _, order, message_id, state = heapq.heappop(owed)
            ready.append((order, message_id, state))
        if self.faults[channel].shuffle:
            ready.sort()
        return [(message_id, state) for _, message_id, state in ready]

    def owe_again(self, channel: str, receipts: list[tuple[str, str]], *, after: float) -> None:
        """Put back receipts that the site did not confirm, due `after` seconds from now."""
        for message_id, state in receipts:
            heapq.heappush(self._owed[channel], (now() + after, 0.0, message_id, state))

    def told(self, channel: str, receipts: list[tuple[str, str]]) -> None:
        """Note that the site confirmed `receipts`; a restart will not send them again."""
        self.journal.write([{"e": "told", "channel": channel, "receipts": receipts}])
        self._told(channel, receipts)

    def _told(self, channel: str, receipts: Iterable[Any]) -> None:
        for message_id, state in receipts:
            message = self.messages[channel, message_id]
            if message.told != "read":
                message.told = state
        self.version += 1

    def owed(self, channel: str) -> int:
        """Return how many receipts of `channel` still wait."""
        return len(self._owed[channel])

    # -- faults and the journal

    def set_faults(self, channel: str, values: Mapping[str, Any]) -> None:
        """Switch faults of `channel`; raise ValueError and change nothing when one is unknown."""
        Faults().change(values)
        self.faults[channel].change(values)
        self.journal.write([{"e": "faults", "channel": channel, "set": dict(values)}])

    def _replay(self, event: Event) -> None:
        match event["e"]:
            case "delivered" | "undeliverable":
                kept = {name: event[name] for name in ("channel", "id", "ref", "to", "content", "at", "reason")}
                self._keep(Message(**kept, outcome=event["e"]))
            case "read":
                self.messages[event["channel"], event["id"]].read_at = event["at"]
            case "told":
                self._told(event["channel"], event["receipts"])
            case "faults":
                self.faults[event["channel"]].change(event["set"])


CONTENT = {"sms": ("text",), "push": ("template", "title", "body", "page", "data")}
REJECTIONS = {
    "bad_message": "the message lacks an id, a recipient or a text",
    "bad_number": "not a mobile number",
    "no_account": "no account with this token",
    "rejected_number": "the recipient refuses messages",
    "too_long": f"longer than {LONGEST_TEXT} characters",
}


def _rejected(channel: str, item: Any, faults: Faults) -> str:
    """Return the code for which the gateway refuses `item`, or nothing."""
    text = "text" if channel == "sms" else "title"
    if not (
        isinstance(item, dict) and all(isinstance(item.get(name), str) and item[name] for name in ("id", "to", text))
    ):
        return "bad_message"
    if channel == "sms" and not MOBILE.fullmatch(item["to"]):
        return "bad_number"
    if item["to"] in faults.reject:
        return "rejected_number" if channel == "sms" else "no_account"
    return "too_long" if len(item[text]) > LONGEST_TEXT else ""


def _line(message: Message) -> Event:
    values = asdict(message)
    return {"e": message.outcome} | {
        name: values[name] for name in ("channel", "id", "ref", "to", "content", "at", "reason")
    }


def push_token(secret: bytes, number: str) -> str:
    """Return the name both sides have for the account bound to `number`: the number itself is not sent."""
    return signing.token(secret=secret, text=f"push:{number}")
