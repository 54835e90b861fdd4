"""A partner's system, simulated: it takes webhooks, believes only good signatures, takes each delivery once, and can be made to fail.

`PUT /partner/webhooks/<name>` `{"id": …, "secret": …}` tells it what was answered when the webhook was made; events then go to
`POST /partner/webhooks/<name>`. A bank's webhook has no secret: what comes must be signed by the site's own key. `GET` there, with `?after=`,
gives what came. `/partner/` shows it and has the fault panel; `GET` and `POST /partner.json` are the same for programs.
It keeps nothing on disk: killed, it knows no delivery any more, as a partner without a memory would.
"""

import asyncio
import base64
import json
import random
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bancheng.lib import httpsig
from bancheng.lib.refusal import Garbled
from bancheng.sim import switches
from bancheng.sim.html import Html, h, moment, page, words
from bancheng.sim.state import now

LARGEST_BODY = 100_000
SHOWN = 100
KEYS = "/.well-known/bancheng-keys"


@dataclass
class Faults:
    """What is switched to go wrong; rates are 0 to 1."""

    down: bool = False  # 503 for everything
    error_rate: float = 0.0  # 500, nothing taken
    slow_ms: int = 0
    wrong_rate: float = 0.0  # answers that are no yes: sends elsewhere (302)
    duplicate_rate: float = 0.0  # takes it, then answers that it failed: it is sent again


@dataclass
class Taken:
    """One delivery that was believed."""

    id: str
    webhook: str
    event: dict[str, Any]
    at: float
    times: int = 1  # it came


@dataclass
class Peer:
    """The partner's whole state."""

    site: str = ""  # where the site's keys are published
    secrets: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # by name: the webhook's id, and its secret
    keys: dict[str, bytes] = field(default_factory=dict)  # the site's, by id
    faults: Faults = field(default_factory=Faults)
    taken: dict[str, Taken] = field(default_factory=dict)
    refused: int = 0

    def known(self) -> dict[str, Any]:
        """Return all of it but the secrets."""
        taken = [asdict(one) for one in self.taken.values()]
        return {"faults": asdict(self.faults), "taken": taken, "refused": self.refused}

    def change(self, values: dict[str, Any]) -> None:
        """Set the named faults; raise ValueError and change nothing when one is unknown or out of its kind."""
        known = {each.name: getattr(self.faults, each.name) for each in fields(Faults)}
        for name, value in values.items():
            if name not in known or isinstance(value, bool) != isinstance(known[name], bool):
                raise ValueError(f"no such fault or value: {name}")
            if not isinstance(value, int | float) or not 0 <= value <= (60_000 if name == "slow_ms" else 1):
                raise ValueError(f"no such fault or value: {name}")
        self.faults = Faults(**{**known, **values})

    async def webhook(self, request: Request) -> Response:
        """Take one delivery, or fail as the panel says."""
        faults, body = self.faults, await request.body()
        if faults.slow_ms:
            await asyncio.sleep(faults.slow_ms / 1000)
        if faults.down:
            return switches.no(503, "down")
        if random.random() < faults.error_rate:
            return switches.no(500, "internal")
        if random.random() < faults.wrong_rate:
            return RedirectResponse("/partner/elsewhere", status_code=302)
        try:
            event = await self._believed(request, body)
        except Garbled as no:
            self.refused += 1
            return switches.no(401, str(no))
        known = self.taken.get(event["delivery"])
        if known:
            known.times += 1
        else:
            self.taken[event["delivery"]] = Taken(event["delivery"], request.path_params["name"], event, now())
        lost = random.random() < faults.duplicate_rate
        return switches.no(500, "lost") if lost else JSONResponse({"taken": event["delivery"]})

    async def _believed(self, request: Request, body: bytes) -> dict[str, Any]:
        name = request.path_params["name"]
        if name not in self.secrets or len(body) > LARGEST_BODY:
            raise Garbled("no such webhook")
        own, secret = self.secrets[name]
        headers = {name.lower(): value for name, value in request.headers.items()}
        message = httpsig.Message(
            request.method, request.url.path, request.url.query, request.headers.get("host", ""), headers, body
        )
        given = httpsig.read(message)
        if secret and given.key_id != own:
            raise Garbled("signed with another webhook's secret")
        key, algorithm = (secret, httpsig.HMAC) if secret else (await self._site_key(given.key_id), httpsig.ED25519)
        httpsig.check(given, message, algorithm=algorithm, key=key, now=int(now()))
        event: dict[str, Any] = json.loads(body)
        return event

    async def _site_key(self, key_id: str) -> bytes:
        """Return a key of the site's, asking it for one that is new."""
        if key_id not in self.keys:
            async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
                try:
                    self.keys = published((await client.get(f"{self.site}{KEYS}")).json())
                except (httpx.HTTPError, ValueError, KeyError) as error:
                    raise Garbled("the site's keys cannot be read") from error
        if key_id not in self.keys:
            raise Garbled("no key of the site's")
        return self.keys[key_id]

    def taken_by(self, name: str, after: int) -> list[dict[str, Any]]:
        """Return the events that came to a webhook behind the first `after`, in the order in which they came."""
        mine = [one.event for one in self.taken.values() if one.webhook == name]
        return mine[after:]


def published(document: Any) -> dict[str, bytes]:
    """Return the keys of a site's `/.well-known/bancheng-keys`, by id."""
    return {key["kid"]: base64.urlsafe_b64decode(key["x"] + "=") for key in document["keys"]}


def routes(peer: Peer) -> list[Route]:
    """Return the partner's doors."""

    async def learn(request: Request) -> Response:
        try:
            told = await request.json()
            secret = base64.b64decode(told.get("secret", ""), validate=True)
            peer.secrets[request.path_params["name"]] = (str(told["id"]), secret)
        except (ValueError, KeyError, TypeError, AttributeError):
            return switches.no(422, "bad_secret")
        return JSONResponse({"knows": sorted(peer.secrets)})

    async def came(request: Request) -> Response:
        after = request.query_params.get("after", "0")
        if not after.isdecimal():
            return switches.no(422, "bad_number")
        return JSONResponse(peer.taken_by(request.path_params["name"], int(after)))

    return [
        *switches.doors(
            "partner", Faults(), page=lambda request: _page(request, peer), change=peer.change, told=peer.known
        ),
        Route("/partner/webhooks/{name}", learn, methods=["PUT"]),
        Route("/partner/webhooks/{name}", came, methods=["GET"]),
        Route("/partner/webhooks/{name}", peer.webhook, methods=["POST"]),
    ]


LABELS = {
    "down": ("停机（一律503）", "Down (503 for everything)"),
    "error_rate": ("内部错误比例（500）", "Rate of internal errors (500)"),
    "slow_ms": ("变慢（毫秒）", "Slow by (ms)"),
    "wrong_rate": ("答非所问的比例（302）", "Rate of wrong answers (302)"),
    "duplicate_rate": ("收下后却答失败的比例（会重复投递）", "Rate of failures after acceptance (comes again)"),
}


def _page(request: Request, peer: Peer) -> Response:
    title = words(request, "合作系统", "A partner's system")
    facts = words(
        request,
        f"收到{len(peer.taken)}件，签名不对的{peer.refused}次",
        f"{len(peer.taken)} taken, {peer.refused} with a bad signature",
    )
    rows = [
        h("li", f"{moment(one.at)} {one.event['kind']} {one.event['data'].get('number', '')} × {one.times}")
        for one in list(peer.taken.values())[-SHOWN:][::-1]
    ]
    form = h(
        "form",
        *(_field(request, name, value) for name, value in asdict(peer.faults).items()),
        h("button", words(request, "保存", "Save")),
        class_="faults",
        method="post",
        action="/partner/" + words(request, "", "?lang=en"),
    )
    body = h(
        "main",
        h("header", h("h1", title), class_="bar"),
        h("p", facts, class_="facts"),
        form,
        h("ul", *rows),
        class_="panel",
    )
    return page(request, title=title, body=body)


def _field(request: Request, name: str, value: Any) -> Html:
    label = h("label", words(request, *LABELS[name]), for_=name)
    if isinstance(value, bool):
        return h("p", h("input", type="checkbox", id=name, name=name, value="1", checked=value), label, class_="check")
    return h("p", label, h("input", id=name, name=name, inputmode="decimal", value=str(value)))
