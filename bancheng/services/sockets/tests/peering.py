"""A charge point as a test has it in its hands: raw JSON over a real WebSocket, and a door in a thread of its own."""

import asyncio
import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import SHUT_RDWR
from typing import Any

from django.db import connection
from ocpp.messages import Call, CallResult, _validate_payload
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.brokerkeys import Book
from bancheng.services.sockets.ocpp.process import Process
from bancheng.services.sockets.tests import towns

CP = "cp-0001"
METER_WH = 1_234_560


def z(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def door(folder: Path, **more: Any) -> Iterator[tuple[Process, Book]]:
    """Run a door on a free port, and end it."""
    book = Book(folder / "passwords")
    process = Process(book, "127.0.0.1", 0, **more)
    thread = threading.Thread(target=lambda: (process.run(), connection.close()))
    thread.start()
    assert process.listening.wait(15)
    try:
        yield process, book
    finally:
        process.stopping.set()
        thread.join(20)
        assert not thread.is_alive()


def charge_point(name: str = CP, connectors: int = 1) -> None:
    """Register a charge point on sale."""
    towns.unit(name, protocol="ocpp16")
    for n in range(1, connectors + 1):
        towns.socket(f"{name}-{n}", str(n), name, rated_ma=32_000)


class Peer:
    """A charge point's end of the connection. Every frame of ours is held against the schemas of OCPP 1.6 in PyPI's `ocpp`."""

    def __init__(self, process: Process, password: str, name: str = CP, *, scheme: str = "ws", **more: Any) -> None:
        coded = base64.b64encode(f"{name}:{password}".encode()).decode()
        self._context = connect(
            f"{scheme}://localhost:{process.port}/ocpp/{name}",
            subprotocols=["ocpp1.6"],  # type: ignore[list-item]
            additional_headers={"Authorization": f"Basic {coded}"},
            **more,
        )
        self.socket = self._context.__enter__()
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
        self.errors: list[Any] = []
        self.wh = METER_WH
        self._came: dict[str, Any] = {}
        self._actions: dict[str, str] = {}
        self._told = threading.Condition()
        self._number = 0
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def call(self, action: str, **said: Any) -> dict[str, Any]:
        """Say something and return the answer."""
        own = self.send(action, **said)
        with self._told:
            assert self._told.wait_for(lambda: own in self._came, 20), f"{action} was not answered"
        answer: dict[str, Any] = self._came[own]
        return answer

    def send(self, action: str, **said: Any) -> str:
        """Say something and do not wait."""
        self._number += 1
        own = f"m{self._number}"
        self._actions[own] = action
        self.socket.send(json.dumps([2, own, action, said]))
        return own

    def close(self) -> None:
        self.socket.close()
        self._thread.join(10)

    def lose(self) -> None:
        """Lose the connection without a word."""
        self.socket.socket.shutdown(SHUT_RDWR)  # closing it would leave him who listens waiting
        self._thread.join(10)

    def _listen(self) -> None:
        try:
            for raw in self.socket:
                self._hear(json.loads(raw))
        except (ConnectionClosed, OSError):
            pass
        finally:
            with self._told:
                self._told.notify_all()

    def _hear(self, frame: list[Any]) -> None:
        if frame[0] == 2:
            _validate_payload(Call(*frame[1:]), "1.6")
            answer = self.answers.get(frame[2], lambda said: {"status": "Accepted"})(frame[3])
            self.asked.append((frame[2], frame[3]))
            self.socket.send(json.dumps([3, frame[1], answer]))
            return
        if frame[0] == 3:
            _validate_payload(CallResult(frame[1], frame[2], self._actions.get(frame[1])), "1.6")
        else:
            self.errors.append(frame)
        with self._told:
            self._came[frame[1]] = frame[2]
            self._told.notify_all()

    # -- what every charge point says

    def boot(self) -> dict[str, Any]:
        return self.call("BootNotification", chargePointVendor="Peer", chargePointModel="One")

    def tag(self) -> str:
        """Return the idTag of the last remote start."""
        return next(said["idTag"] for action, said in reversed(self.asked) if action == "RemoteStartTransaction")

    def start(self, tag: str, *, connector: int = 1, at: datetime | None = None) -> dict[str, Any]:
        return self.call(
            "StartTransaction",
            connectorId=connector,
            idTag=tag,
            meterStart=self.wh,
            timestamp=z(at or clocks.real_now()),
        )

    def values(
        self, more_wh: int, *, transaction: int | None, connector: int = 1, at: datetime | None = None, less: int = 0
    ) -> dict[str, Any]:
        self.wh += more_wh
        said = {"transactionId": transaction} if transaction is not None else {}
        return self.call(
            "MeterValues", connectorId=connector, meterValue=[sample(self.wh - less, at or clocks.real_now())], **said
        )

    def stop(self, transaction: int, *, at: datetime | None = None, **more: Any) -> dict[str, Any]:
        return self.call(
            "StopTransaction",
            transactionId=transaction,
            meterStop=self.wh,
            timestamp=z(at or clocks.real_now()),
            **more,
        )


def sample(wh: int, at: datetime, *, power_w: int = 7000) -> dict[str, Any]:
    return {
        "timestamp": z(at),
        "sampledValue": [
            {"value": str(wh)},
            {"value": str(power_w), "measurand": "Power.Active.Import", "unit": "W"},
        ],
    }


class InAThread:
    """An asyncio program beside the test, ended by cancelling it."""

    def __init__(self, main: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(main)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        finally:
            left = asyncio.all_tasks(self._loop)
            for task in left:
                task.cancel()
            if left:
                self._loop.run_until_complete(asyncio.wait(left))
            self._loop.close()

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(15)
        assert not self._thread.is_alive()


def wait(until: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.03)


MINUTE = timedelta(minutes=1)
