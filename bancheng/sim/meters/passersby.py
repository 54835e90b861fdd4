"""People who come and go: each opens the public pages as a phone does, pays at the channel's sheet, plugs in, uses, and leaves.

They know nothing of the platform but its address. When it says that it is busy, all of them hold back.
"""

import logging
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import unescape
from typing import Protocol
from urllib.parse import urljoin

import httpx

from bancheng.sim.meters.field import Field

log = logging.getLogger("bancheng.sim")
MOST_PACE, MOST_HERE = 3_600, 12  # arrivals an hour; people at once
BUSY = (429, 502, 503, 504)
HOLD_SECONDS, LONGEST_HOLD = 30.0, 600.0
LOOK_SECONDS, PATIENCE_SECONDS = 2.0, 60.0
USUAL_FEN, LITTLE_FEN = "500", "200"
HOUR = 3600.0
FIELD = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
PHASE = re.compile(r"live/\?phase=(\w+)")
FREE = re.compile(r'href="(/sockets/s/([\w-]+)/)"')
OVER = {"bill", "nothing"}


class Fate(StrEnum):
    """How a person ends."""

    STOP = "stop"
    UNPLUG = "unplug"
    RUN_OUT = "run_out"


@dataclass(frozen=True)
class Habits:
    """How people behave; the tests make them quick."""

    use_s: tuple[float, float] = (60, 900)
    watts: tuple[int, int] = (200, 2_400)
    look_s: float = LOOK_SECONDS
    fates: Sequence[Fate] = (Fate.STOP, Fate.STOP, Fate.UNPLUG, Fate.RUN_OUT)


class Plugs(Protocol):
    """Sockets by the numbers painted on them, as a person's hand has them."""

    @property
    def codes(self) -> Mapping[str, tuple[str, str]]:
        """Every number, and where it is."""

    def plug(self, code: str, watts: int | None) -> None:
        """Put a plug in that takes so much; None: whatever usually hangs there."""

    def unplug(self, code: str) -> None:
        """Pull the plug."""


class Busy(Exception):
    """The platform asks to hold back, for so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"busy, {seconds:g} s")
        self.seconds = seconds


class Crowd:
    """Everybody who is about. `pace` people an hour come, 0 for none."""

    def __init__(
        self,
        site_url: str,
        gateways: Field,
        *,
        pace: int,
        habits: Habits | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.site_url, self.field, self.pace = site_url, gateways, pace
        self.habits, self.chance = habits or Habits(), chance or random.Random()
        self.quiet_until = 0.0
        self._holds = 0
        self._counts: Counter[str] = Counter()
        self._people: list[threading.Thread] = []
        self._stopping = threading.Event()

    def set_pace(self, pace: object) -> None:
        """Let so many come in an hour from now on; anything that is no such number changes nothing."""
        if isinstance(pace, int) and not isinstance(pace, bool) and 0 <= pace <= MOST_PACE:
            self.pace = pace

    def here(self) -> int:
        """Return how many are about."""
        return sum(each.is_alive() for each in self._people)

    def told(self) -> dict[str, int]:
        """Return how it went so far."""
        return dict(self._counts)

    def run(self, stopping: threading.Event) -> None:
        """Let people come until told to stop, one after another random while."""
        self._stopping = stopping
        while not stopping.wait(self._gap()):
            self._people = [each for each in self._people if each.is_alive()]
            if self.pace and len(self._people) < MOST_HERE and time.monotonic() >= self.quiet_until:
                self.comes()
        for each in self._people:
            each.join(5)

    def _gap(self) -> float:
        return min(30.0, self.chance.expovariate(self.pace / HOUR)) if self.pace else 2.0

    def comes(self) -> threading.Thread:
        """Let one person come now."""
        person = threading.Thread(target=self._one, name="passer-by", daemon=True)
        self._people.append(person)
        person.start()
        return person

    def _one(self) -> None:
        with httpx.Client(base_url=self.site_url, trust_env=False, timeout=10, follow_redirects=False) as phone:
            person = Person(phone, self.field, self.habits, random.Random(self.chance.random()), self._stopping.wait)
            try:
                how = person.live()
                self._holds = 0
            except Busy as busy:
                self._hold_back(busy.seconds)
                how = "held_back"
            except (httpx.HTTPError, Unexpected) as wrong:
                log.warning("a passer-by gave up: %s", wrong)
                how = "gave_up"
            finally:
                person.goes()
        self._counts[how] += 1

    def _hold_back(self, seconds: float) -> None:
        """Nobody new comes for a while, longer each time in a row."""
        self._holds += 1
        wait = min(LONGEST_HOLD, max(seconds, HOLD_SECONDS * 2 ** (self._holds - 1)))
        self.quiet_until = time.monotonic() + wait


class Unexpected(Exception):
    """A page that a person does not understand."""


@dataclass
class Person:
    """One phone and whoever holds it."""

    phone: httpx.Client
    city: Plugs
    habits: Habits
    chance: random.Random
    wait: Callable[[float], bool]  # returns True when everything ends
    code: str = ""
    secret_url: str = ""
    plugged: bool = False
    patience: float = PATIENCE_SECONDS  # with a page that does not become what is waited for

    def live(self) -> str:
        """Come, pay, use, end; return how it went."""
        if not self._scan():
            return "found_none"
        fate = self.chance.choice(list(self.habits.fates))
        self._plug(fate)
        self._prepay(LITTLE_FEN if fate is Fate.RUN_OUT else USUAL_FEN)
        if not self.secret_url:
            return "turned_away"
        if not self._pay():
            return "not_started"
        if self._until(lambda phase: phase not in ("pay", "wait")) != "live":
            return self.ends("not_started")
        self._use(fate)
        return self.ends(str(fate))

    def ends(self, how: str) -> str:
        """Wait for the bill; return `how` it went, or that none came."""
        return how if self._until(lambda phase: phase in OVER) in OVER else "left_open"

    def goes(self) -> None:
        """Take the plug along; the next one finds the socket as it usually is."""
        if self.plugged:
            self.city.plug(self.code, None)
            self.plugged = False

    # --- the walk ---

    def _scan(self) -> bool:
        """Go to a site and look for a socket that is free; what stands on its post is its page's address."""
        site = self.chance.choice(sorted({code.rsplit("-", 1)[0] for code in self.city.codes}))
        page = self._get(f"/sockets/places/{site}/")
        if page.status_code == 404:
            return False
        free = [code for _, code in FREE.findall(page.text) if code in self.city.codes]
        if free:
            self.code = self.chance.choice(free)
        return bool(free)

    def _plug(self, fate: Fate) -> None:
        low, high = self.habits.watts
        self.city.plug(self.code, high if fate is Fate.RUN_OUT else self.chance.randint(low, high))
        self.plugged = True

    def _prepay(self, fen: str) -> None:
        url = f"/sockets/s/{self.code}/"
        page = self._get(url)
        if 'name="channel"' not in page.text:
            return
        answer = self._post(url, page.text, {"fen": fen, "channel": self.chance.choice(("wechat", "alipay"))})
        if answer.is_redirect:
            self.secret_url = urljoin(url, answer.headers["location"])

    def _pay(self) -> bool:
        """Follow to the channel's sheet, which takes a moment to open, and press pay there."""
        for _ in range(int(self.patience / self.habits.look_s)):
            answer = self._get(f"{self.secret_url}pay/")
            if answer.is_redirect:
                sheet = str(answer.headers["location"])
                if sheet.startswith("/"):
                    return True  # nothing to pay any more
                shown = self._checked(self.phone.get(sheet, follow_redirects=True))
                self._checked(self.phone.post(str(shown.url), data={"press": "pay", "back": ""}))
                return True
            if self.wait(self.habits.look_s):
                return False
        return False

    def _use(self, fate: Fate) -> None:
        low, high = self.habits.use_s
        if fate is Fate.RUN_OUT:
            self._until(lambda phase: phase != "live", patience=12 * HOUR)
            return
        left = self.chance.uniform(low, high)
        if self.wait(left):
            return
        if fate is Fate.UNPLUG:
            self.city.unplug(self.code)
        else:
            page = self._get(self.secret_url)
            self._post(f"{self.secret_url}stop/", page.text, {})

    def _until(self, done: Callable[[str], bool], patience: float | None = None) -> str:
        """Look at the page of the use until it has become what is waited for; return what it is in the end."""
        end = time.monotonic() + (patience or self.patience)
        phase = self._phase()
        while not done(phase) and time.monotonic() < end and not self.wait(self.habits.look_s):
            phase = self._phase()
        return phase

    def _phase(self) -> str:
        page = self._get(self.secret_url)
        found = PHASE.search(unescape(page.text))
        return found[1] if found else "bill" if f"{self.secret_url}receipt/" in page.text else "nothing"

    # --- the phone ---

    def _get(self, url: str) -> httpx.Response:
        return self._checked(self.phone.get(url))

    def _post(self, url: str, page: str, values: dict[str, str]) -> httpx.Response:
        token = FIELD.search(page)
        if token is None:
            raise Unexpected(f"no form at {url}")
        return self._checked(self.phone.post(url, data={**values, "csrfmiddlewaretoken": token[1]}))

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code in BUSY:
            told = answer.headers.get("retry-after", "")
            raise Busy(float(told) if told.isdigit() else 0.0)
        if answer.status_code >= 500:
            raise Unexpected(f"{answer.status_code} at {answer.request.url.path.split('/u/')[0]}")
        return answer
