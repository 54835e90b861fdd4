"""What a channel keeps: orders, refunds, and the calls it owes. A journal survives a restart; the last line of a number counts."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bancheng.lib.days import SHANGHAI

# seconds after the first call; what is not confirmed by then is left to queries
WECHAT_RETRIES = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)
ALIPAY_RETRIES = (240, 600, 600, 3600, 7200, 21600, 54000)
SHOWN = 60


@dataclass
class Faults:
    """What is switched to go wrong."""

    down: bool = False
    lose_calls: bool = False
    repeat_calls: int = 0
    delay_calls_s: int = 0
    pay_before_answer: bool = False
    wrong_signature: bool = False
    old_call: bool = False
    probe_call: bool = False
    wrong_amount: bool = False
    fail_after_acting: bool = False
    hang_after_acting: bool = False
    wrong_answer_signature: bool = False
    refunds_stay: str = ""  # "", PROCESSING, ABNORMAL, CLOSED
    bill_extra_row: bool = False
    bill_missing_row: bool = False
    bill_other_amount: bool = False
    bill_clock_days: int = 0  # so many days later it is for the bills
    pay_by_itself: bool = False  # for people who come and go without a finger
    pace: int = 1  # seconds of the retry schedule in one second


LABELS = {
    "down": ("停机（一律503）", "Down (503 for everything)"),
    "lose_calls": ("丢失通知", "Calls are lost"),
    "repeat_calls": ("每个通知多发几次", "Each call this many times more"),
    "delay_calls_s": ("通知推迟（秒）", "Calls come late by (s)"),
    "pay_before_answer": ("下单答复之前就已付款并通知", "Paid and called before the order is answered"),
    "wrong_signature": ("通知签名不对", "Calls with a wrong signature"),
    "old_call": ("通知时间过旧", "Calls with an old time"),
    "probe_call": ("探测流量（SIGNTEST）", "Probe calls (SIGNTEST)"),
    "wrong_amount": ("通知金额不符", "Calls with another amount"),
    "fail_after_acting": ("办了却答复500", "Acts, then answers 500"),
    "hang_after_acting": ("办了却不答复", "Acts, then does not answer"),
    "wrong_answer_signature": ("答复签名不对", "Answers with a wrong signature"),
    "refunds_stay": ("退款停在（PROCESSING、ABNORMAL、CLOSED）", "Refunds stay (PROCESSING, ABNORMAL, CLOSED)"),
    "bill_extra_row": ("账单多一行", "A row too many in the bill"),
    "bill_missing_row": ("账单少最新一笔付款", "The newest payment missing in the bill"),
    "bill_other_amount": ("账单最新一笔付款多一分", "One fen too many in the bill's newest payment"),
    "bill_clock_days": (
        "账单时钟提前几天（账单次日10时出）",
        "The bills' clock is so many days on (ready at ten next day)",
    ),
    "pay_by_itself": ("自动付款", "Pays by itself"),
    "pace": ("重发节奏（一秒当几秒）", "Pace of retries (seconds in one)"),
}
STAYS = ("", "PROCESSING", "ABNORMAL", "CLOSED")


@dataclass
class Order:
    """One order of one channel."""

    channel: str
    number: str
    fen: int
    subject: str
    notify_url: str
    state: str = "NOTPAY"  # NOTPAY, SUCCESS, CLOSED
    code: str = ""
    ref: str = ""
    openid: str = ""
    return_url: str = ""
    paid_at: float = 0.0
    expires_at: float = 0.0
    kept: dict[str, str] = field(default_factory=dict)


@dataclass
class Refund:
    """One refund of one order."""

    channel: str
    order: str
    number: str
    fen: int
    state: str  # PROCESSING, SUCCESS, ABNORMAL, CLOSED
    at: float
    notify_url: str = ""
    ref: str = ""


@dataclass
class Books:
    """Both channels' books; `clock` gives seconds since 1970."""

    journal: Path
    clock: Callable[[], float]
    faults: Faults = field(default_factory=Faults)
    orders: dict[tuple[str, str], Order] = field(default_factory=dict)
    refunds: dict[tuple[str, str], Refund] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.journal.parent.mkdir(parents=True, exist_ok=True)
        if self.journal.exists():
            text = self.journal.read_text(encoding="utf-8", errors="replace")
            for line in text.splitlines():
                self._read(line)
            if text and not text.endswith(
                "\n"
            ):  # torn by a kill, and never answered: the next line is a line of its own
                with self.journal.open("a", encoding="utf-8") as file:
                    file.write("\n")

    def switch(self, values: dict[str, Any]) -> None:
        """Set faults. Raises ValueError for what no switch has."""
        known = {each.name: type(getattr(Faults(), each.name)) for each in fields(Faults)}
        for name, value in values.items():
            if name not in known or type(value) is not known[name]:
                raise ValueError(name)
        if values.get("refunds_stay", "") not in STAYS or not 1 <= values.get("pace", 1) <= 100_000:
            raise ValueError("refunds_stay or pace")
        self.faults = Faults(**{**asdict(self.faults), **values})

    def order(self, order: Order) -> Order:
        """Take an order, the same number once; a second with another amount raises ValueError."""
        standing = self.orders.get((order.channel, order.number))
        if standing is not None:
            if standing.fen != order.fen:
                raise ValueError("the number was used for something else")
            return standing
        order.code = secrets.token_urlsafe(12)
        self._keep(order)
        return order

    def by_code(self, code: str) -> Order | None:
        """Return the order whose sheet has this code."""
        return next((order for order in self.orders.values() if order.code == code), None)

    def pay(self, order: Order) -> bool:
        """Let the payer pay; False when the order takes no money."""
        if order.state != "NOTPAY" or (order.expires_at and self.clock() > order.expires_at):
            return False
        order.state, order.paid_at = "SUCCESS", self.clock()
        order.ref = order.ref or f"42{secrets.randbelow(10**26):026d}"
        self._keep(order)
        return True

    def close(self, order: Order) -> bool:
        """Close an order; False when it is paid."""
        if order.state == "SUCCESS":
            return False
        order.state = "CLOSED"
        self._keep(order)
        return True

    def refund(self, order: Order, number: str, fen: int, notify_url: str) -> tuple[Refund, bool]:
        """Send money back, the same number once; return the refund and whether it is new. Raises ValueError: more than is left, another amount."""
        standing = self.refunds.get((order.channel, number))
        if standing is not None:
            if standing.fen != fen:
                raise ValueError("the number was used for something else")
            return standing, False
        if fen <= 0 or fen > order.fen - self.returned(order):
            raise ValueError("more than is left")
        state = self.faults.refunds_stay or "SUCCESS"
        made = Refund(
            order.channel,
            order.number,
            number,
            fen,
            state,
            self.clock(),
            notify_url,
            f"50{secrets.randbelow(10**26):026d}",
        )
        self._keep(made)
        return made, True

    def finish(self, refund: Refund, state: str) -> None:
        """Let a refund that stayed go on."""
        refund.state = state
        self._keep(refund)

    def returned(self, order: Order) -> int:
        """Return what went back of an order, or is on its way."""
        return sum(
            one.fen
            for one in self.refunds.values()
            if (one.channel, one.order) == (order.channel, order.number) and one.state != "CLOSED"
        )

    def has_bill(self, day: date) -> bool:
        """Return whether a day's bill is ready: at ten on the next day."""
        now = datetime.fromtimestamp(self.clock(), SHANGHAI) + timedelta(days=self.faults.bill_clock_days, hours=-10)
        return now.date() > day

    def billed(self, channel: str, day: date) -> list[tuple[Order | Refund, int]]:
        """Return what a day's bill says, with the panel's faults in the newest payment: each movement and its fen."""
        rows = [(one, one.fen) for one in self.movements(channel, day)]
        newest = max((n for n, (one, _fen) in enumerate(rows) if isinstance(one, Order)), default=None)
        if newest is not None and self.faults.bill_other_amount:
            rows[newest] = (rows[newest][0], rows[newest][1] + 1)
        if newest is not None and self.faults.bill_missing_row:
            rows.pop(newest)
        return rows

    def movements(self, channel: str, day: date) -> Iterator[Order | Refund]:
        """Yield what moved on a day: payments, then refunds that are not closed."""
        for order in self.orders.values():
            if order.channel == channel and order.state == "SUCCESS" and day_of(order.paid_at) == day:
                yield order
        for refund in self.refunds.values():
            if refund.channel == channel and refund.state != "CLOSED" and day_of(refund.at) == day:
                yield refund

    def told(self) -> dict[str, Any]:
        """Return the books for programs: faults, the newest orders and refunds."""
        return {
            "faults": asdict(self.faults),
            "orders": [asdict(one) for one in list(self.orders.values())[-SHOWN:]],
            "refunds": [asdict(one) for one in list(self.refunds.values())[-SHOWN:]],
        }

    def _keep(self, one: Order | Refund) -> None:
        shelf: dict[tuple[str, str], Any] = self.orders if isinstance(one, Order) else self.refunds
        shelf[(one.channel, one.number)] = one
        with self.journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"kind": type(one).__name__, **asdict(one)}, ensure_ascii=False) + "\n")

    def _read(self, line: str) -> None:
        try:
            values = json.loads(line)
            kind = values.pop("kind")
        except (ValueError, KeyError):
            return  # the last line of a killed process
        one = Order(**values) if kind == "Order" else Refund(**values)
        shelf: dict[tuple[str, str], Any] = self.orders if kind == "Order" else self.refunds
        shelf[(one.channel, one.number)] = one


def day_of(instant: float) -> date:
    """Return the day in China of seconds since 1970."""
    return datetime.fromtimestamp(instant, SHANGHAI).date()


def stamp(instant: float) -> str:
    """Return an instant as WeChat writes it."""
    return datetime.fromtimestamp(instant, SHANGHAI).isoformat(timespec="seconds")


def spoken(instant: float) -> str:
    """Return an instant as Alipay writes it."""
    return datetime.fromtimestamp(instant, SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def old(instant: float) -> float:
    """Return an instant that is too old to be believed."""
    return instant - timedelta(days=3).total_seconds()
