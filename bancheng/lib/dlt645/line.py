"""One line of meters over TCP, as a gateway tunnels it: ask, wait, ask again once."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bancheng.lib import dlt645
from bancheng.lib.dlt645 import Frame
from bancheng.lib.refusal import Garbled, Unavailable

SECONDS = 2.0  # a meter answers within half of one, a slow line needs another
TRIES = 2
PARTS = 64  # of one answer; more is a meter gone mad


class MeterRefused(Exception):
    """The meter answered no."""

    def __init__(self, trouble: dlt645.Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


class Line:
    """A connection; one question at a time."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def ask(self, question: Frame) -> Frame:
        """Return the answer; raise Unavailable when none comes, MeterRefused for an error answer."""
        for _ in range(TRIES):
            self._connection.sendall(question.encode(wake=4))
            if answer := self._answer(question):
                if answer.is_error:
                    raise MeterRefused(answer.trouble)
                return answer
        raise Unavailable(f"no answer from meter {question.address}")

    def read(self, address: str, item: str) -> bytes:
        """Return an item's data, all parts of it."""
        answer = self.ask(dlt645.read(address, item))
        data = dlt645.data_of(answer, item)
        for number in range(1, PARTS):
            if not answer.more_follows:
                return data
            answer = self.ask(dlt645.read_more(address, item, number))
            data += dlt645.data_of(answer, item)
        raise Garbled("an answer without end")

    def address(self) -> str:
        """Return the address of the one meter on the line."""
        answer = self.ask(dlt645.who())
        if len(answer.data) != 6:
            raise Garbled("no address in the answer")
        return answer.data[::-1].hex()

    def _answer(self, question: Frame) -> Frame | None:
        """Return the answer to `question` that comes in time; anything else on the line is passed over."""
        reader, end = dlt645.Reader(), time.monotonic() + SECONDS
        while (left := end - time.monotonic()) > 0:
            self._connection.settimeout(left)
            try:
                piece = self._connection.recv(512)
            except TimeoutError:
                break
            except OSError as error:
                raise Unavailable(f"the line broke: {error}") from error
            if not piece:
                raise Unavailable("the line was closed")
            for frame in reader.feed(piece):
                if self._fits(frame, question):
                    return frame
        return next((frame for frame in reader.give_up() if self._fits(frame, question)), None)

    @staticmethod
    def _fits(frame: Frame, question: Frame) -> bool:
        return frame.is_answer and frame.function == question.function and question.is_for(frame.address)


@contextmanager
def to(host: str, port: int) -> Iterator[Line]:
    """Connect while the block runs; raise Unavailable when nobody listens."""
    try:
        connection = socket.create_connection((host, port), timeout=SECONDS)
    except OSError as error:
        raise Unavailable(f"{host}:{port}: {error.strerror or error}") from error
    with connection:
        yield Line(connection)
