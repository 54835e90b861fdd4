"""People who use a house that is being killed: they press again when nobody answers, and do not leave before their bill is there."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bancheng.lib.refusal import Unavailable
from bancheng.sim.meters import control
from bancheng.sim.meters.field import places_of
from bancheng.sim.meters.passersby import BUSY, OVER, Fate, Habits, Person, Unexpected
from bancheng.site.ladder.houses import PATIENCE, House

QUICK = Habits(use_s=(3, 20), watts=(5_000, 7_000), look_s=1.0, fates=(Fate.STOP, Fate.STOP, Fate.UNPLUG))
SERVER_ERROR = 500
GIVES_UP = (httpx.HTTPError, Unexpected, Unavailable)
AGAIN_SECONDS = 0.4
BILL_SECONDS = 240.0
LONGEST_SECONDS = 12 * 3600.0


class Patient(httpx.BaseTransport):
    """Asks again when nobody answers. But a reservation: nobody knows then whether it was made, and whoever has no answer tries elsewhere."""

    def __init__(self, tally: Counter[str]) -> None:
        self._inner = httpx.HTTPTransport()
        self._tally = tally

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return an answer that is one."""
        end = time.monotonic() + PATIENCE
        once = request.method == "POST" and request.url.path.startswith("/sockets/s/")
        while True:
            try:
                answer = self._inner.handle_request(request)
                answer.read()
                if answer.status_code not in BUSY and answer.status_code != SERVER_ERROR:
                    return answer
                self._tally[str(answer.status_code)] += 1
                wrong: httpx.TransportError = httpx.ReadError(f"{answer.status_code}", request=request)
            except httpx.TransportError as error:
                self._tally["no answer"] += 1
                wrong = error
            if once or time.monotonic() > end:
                raise wrong
            time.sleep(AGAIN_SECONDS)

    def close(self) -> None:
        """Hang up."""
        self._inner.close()


class Hands:
    """Plugs and sockets, by the panel of the simulated meters, which are killed as well."""

    def __init__(self, units: Path, kept: Path) -> None:
        self._codes, self._kept = places_of(units), kept

    @property
    def codes(self) -> Mapping[str, tuple[str, str]]:
        """Every number, and where it is."""
        return self._codes

    def plug(self, code: str, watts: int | None) -> None:
        """Put a plug in; None takes it out."""
        self._do(code, "plug", str(watts or 0))

    def unplug(self, code: str) -> None:
        """Pull the plug while power flows."""
        self._do(code, "unplug")

    def _do(self, code: str, deed: str, value: str = "") -> None:
        gateway, wire = self._codes[code]
        patiently(lambda: control.ask(self._kept, gateway=gateway, socket=wire, do=deed, value=value))


def patiently(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Ask the simulated meters until they are there."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return ask()
        except Unavailable:
            if time.monotonic() > end:
                raise
            time.sleep(AGAIN_SECONDS)


@dataclass
class Guest(Person):
    """One who stays until his bill is there; who lets the money run out goes home earlier when all go."""

    home: threading.Event = field(default_factory=threading.Event)
    patience: float = PATIENCE

    def ends(self, how: str) -> str:
        """Wait for the bill; press End when it does not come by itself."""
        if self._until(lambda phase: phase in OVER, PATIENCE / 4) in OVER:
            return how
        self._post(f"{self.secret_url}stop/", self._get(self.secret_url).text, {})
        return how if self._until(lambda phase: phase in OVER, BILL_SECONDS) in OVER else "left_open"

    def _use(self, fate: Fate) -> None:
        if fate is Fate.RUN_OUT:
            self._until(lambda phase: phase != "live" or self.home.is_set(), LONGEST_SECONDS)
            if self.home.is_set():
                self._post(f"{self.secret_url}stop/", self._get(self.secret_url).text, {})
        else:
            super()._use(fate)


class Visitors:
    """So many people at once, one after the other, until all go home."""

    def __init__(self, house: House, *, many: int, seed: int, habits: Habits = QUICK) -> None:
        self.house, self.habits = house, habits
        self.counts: Counter[str] = Counter()
        self.tally: Counter[str] = Counter()  # what the web did not answer
        self._hands = Hands(house.units, house.folder / "sim" / "meters.port")
        self._home = threading.Event()
        self._left: list[str] = []  # uses whose people lost patience
        self.lost: list[str] = []  # what nobody who uses a socket should meet
        chances = [random.Random(f"{seed}-{n}") for n in range(many)]
        self._threads = [threading.Thread(target=self._come, args=[each], daemon=True) for each in chances]

    def come(self) -> None:
        """Let them come."""
        for each in self._threads:
            each.start()

    def go_home(self, seconds: float) -> bool:
        """Let nobody new come and everybody end what he does; return whether all did in so many seconds."""
        self._home.set()
        end = time.monotonic() + seconds
        for each in self._threads:
            each.join(max(0.0, end - time.monotonic()))
        for url in self._left:
            with self._phone() as phone, suppress(*GIVES_UP):  # the books say what became of it
                self._guest(phone, random.Random(url), url).ends("")
        return not any(each.is_alive() for each in self._threads)

    def _phone(self) -> httpx.Client:
        return httpx.Client(base_url=f"http://{self.house.web}", transport=Patient(self.tally), timeout=15)

    def _guest(self, phone: httpx.Client, chance: random.Random, url: str = "") -> Guest:
        return Guest(phone, self._hands, self.habits, chance, _sleep, secret_url=url, home=self._home)

    def _come(self, chance: random.Random) -> None:
        try:
            self._come_and_go(chance)
        except (
            Exception
        ) as error:  # whoever is lost uses nothing any more, and the ladder would prove less than it says
            self.lost.append(f"somebody was lost: {error!r}")

    def _come_and_go(self, chance: random.Random) -> None:
        while not self._home.is_set():
            with self._phone() as phone:
                guest = self._guest(phone, chance)
                try:
                    how = guest.live()
                except GIVES_UP:
                    how = "gave_up"
                    if guest.secret_url:
                        self._left.append(guest.secret_url)
                self.counts[how] += 1
                self._goes(guest)
            self._home.wait(chance.uniform(0.1, 1.0))

    def _goes(self, guest: Guest) -> None:
        try:
            guest.goes()
        except Unavailable:
            self.counts["left_the_plug"] += 1


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False
