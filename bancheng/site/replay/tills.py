"""The payment channels of a replay: they take orders, are paid, send back, and write each day's bill. They stand in for the channels' own servers.

What is signed and what goes wrong on the way is tried elsewhere, against the sandboxes (`sim/paychannel`); here a year of ordinary payments has
to go by. Their books are files of lines, one of each helper, so that a replay that was killed finds what was paid, and the bill of a day holds what all of
them took.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bancheng.kernel.payments.channels import Asked, Bill, Called, Order, RefundTold, Told
from bancheng.kernel.payments.rules import Movement, RefundState, Trade
from bancheng.lib.refusal import Garbled


class Till:
    """One channel: what it was asked, and what it moved, by number."""

    base_url = "replay:"

    def __init__(self, folder: Path, channel: str, name: str, now: Callable[[], datetime]) -> None:
        self.folder, self.channel, self.now = folder, channel, now
        self.read: dict[Path, int] = {}  # how far each book was read
        self.moved: dict[str, int] = {}
        self.by_day: dict[date, list[Movement]] = {}
        self.closed: set[str] = set()
        self.look()
        self._lines = (folder / f"{channel}-{name}.jsonl").open("a", encoding="utf-8", buffering=1)

    def end(self) -> None:
        """Close its book."""
        self._lines.close()

    def look(self) -> None:
        """Read what has been written into any of the channel's books since the last look."""
        for book in sorted(self.folder.glob(f"{self.channel}-*.jsonl")):
            with book.open(encoding="utf-8") as lines:
                lines.seek(self.read.get(book, 0))
                for number, day, fen in map(json.loads, lines.read().splitlines()):
                    self._keep(number, date.fromisoformat(day), fen)
                self.read[book] = lines.tell()

    def pay(self, number: str, fen: int) -> Told:
        """Let somebody pay an order; return what the channel then says of it."""
        self._move(number, fen)
        return Told(number, Trade.PAID, fen, f"42{number}"[:32], self.now())

    def sent_back(self, number: str, fen: int) -> RefundTold:
        """Return what the channel says of a refund that has arrived."""
        return RefundTold(number, RefundState.SUCCESS, fen, "SUCCESS")

    def _move(self, number: str, fen: int) -> None:
        if number not in self.moved:
            day = self.now().date()
            self._keep(number, day, fen)
            self._lines.write(json.dumps([number, day.isoformat(), fen]) + "\n")

    def _keep(self, number: str, day: date, fen: int) -> None:
        if number not in self.moved:
            self.moved[number] = fen
            self.by_day.setdefault(day, []).append(Movement(number, fen))

    # --- what the platform asks (`channels.Gateway`) ---

    def check(self) -> None:
        """There are no keys to check."""

    def prepare(self, order: Order) -> Mapping[str, Any]:
        """Return where the pay sheet would open."""
        return {"url": f"replay:{order.number}"}

    def query(self, number: str) -> Told:
        """Return what is in the book."""
        if number not in self.moved:
            return Told(number, Trade.CLOSED if number in self.closed else Trade.WAITING)
        return Told(number, Trade.PAID, self.moved[number], f"42{number}"[:32], self.now())

    def close(self, number: str) -> None:
        """Take no money for an order from now on."""
        self.closed.add(number)

    def refund(self, asked: Asked) -> RefundTold:
        """Accept a refund."""
        self._move(asked.number, -asked.amount_fen)
        return RefundTold(asked.number, RefundState.PROCESSING, asked.amount_fen, "PROCESSING")

    def query_refund(self, order: str, number: str) -> RefundTold:
        """Return what is in the book."""
        if number not in self.moved:
            return RefundTold(number, None)
        return RefundTold(number, RefundState.PROCESSING, -self.moved[number], "PROCESSING")

    def called(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Called:
        """Nobody calls by HTTP here."""
        raise Garbled("a replay's channel does not call")

    def bill(self, day: date) -> Bill:
        """Return what moved on a day."""
        self.look()
        return Bill(day, tuple(self.by_day.get(day, ())))
