"""The simulator's ASGI application: gateways, phone, fault panel, identity provider, registers, payment channels, the meters' panel.

Served by `granian --interface asgi bancheng.sim.app:app` with one worker: its state lives in the process and in the
journal. It plays parties outside, so it never runs in production.
"""

import contextlib
import importlib
import importlib.util
import os
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bancheng.sim import gateways, panel, partner, phone, registers, s3
from bancheng.sim.html import h, page, words
from bancheng.sim.meters import panel as meters
from bancheng.sim.paychannel.doors import Channels
from bancheng.sim.state import World, now

HERE = Path(__file__).resolve().parent
if os.environ.get("BANCHENG_PRODUCTION", "0").lower() in {"1", "true", "yes"}:
    raise RuntimeError("the simulator never runs in production")


def _folder() -> Path:
    return Path(os.environ.get("BANCHENG_VAR", HERE.parent.parent / "var"))


def _secret() -> bytes:
    """Return the secret shared with the site: from the environment, from its file, or the demo's own in `var/keys`."""
    if value := os.environ.get("BANCHENG_GATEWAY_SECRET"):
        return value.encode()
    path = os.environ.get("BANCHENG_GATEWAY_SECRET_FILE", _folder() / "keys" / "bancheng_gateway_secret")
    return Path(path).read_text().strip().encode()


def _site_url() -> str:
    return os.environ.get("BANCHENG_SITE_URL", f"http://{os.environ.get('BANCHENG_WEB', '127.0.0.1:8000')}")


def _receipts_url() -> str:
    return os.environ.get("BANCHENG_RECEIPTS_URL", f"{_site_url()}/notices/receipts")


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    app.state.world = World(_folder() / "sim", secret=_secret())
    async with gateways.pumping(app.state.world, receipts_url=_receipts_url()):
        yield
    app.state.world.journal.close()


def world() -> World:
    """Return the state that the running application holds."""
    state: World = app.state.world
    return state


async def index(request: Request) -> Response:
    doors = {
        "/phone/": words(request, "模拟手机", "Simulated phones"),
        "/faults/": words(request, "故障面板", "Fault panel"),
        "/partner/": words(request, "合作系统", "A partner's system"),
        "/registers/": words(request, "登记信息交换", "Exchange of registers"),
        "/pay/": words(request, "支付渠道", "Payment channels"),
        "/meters/": words(request, "电表与插座，来往的人", "Meters and sockets, people who come and go"),
    }
    title = words(request, "外部世界模拟器", "The world outside, simulated")
    rows = [h("li", h("a", name, href=href)) for href, name in doors.items()]
    body = h("main", h("header", h("h1", title), class_="bar"), h("ul", *rows, class_="phones"), class_="panel")
    return page(request, title=title, body=body)


async def health(request: Request) -> Response:
    return PlainTextResponse("ok")


def _identity_provider() -> list[BaseRoute]:
    """Return the identity provider's routes when that part is installed."""
    if importlib.util.find_spec("bancheng.sim.idp") is None:
        return []
    return [Mount("/idp", routes=importlib.import_module("bancheng.sim.idp").routes)]


def _object_store() -> list[BaseRoute]:
    """Return the object store's routes when its secret is set, as in a demonstration of BANCHENG_S3_URL=…/s3."""
    if not (secret := os.environ.get("BANCHENG_S3_SECRET")):
        return []
    folder = _folder() / "sim" / "s3"
    folder.mkdir(parents=True, exist_ok=True)
    store = s3.Store(folder, key_id=os.environ.get("BANCHENG_S3_KEY_ID", "bancheng"), secret=secret)
    return [Mount("/s3", routes=store.routes())]


app = Starlette(
    routes=[
        Route("/", index),
        Route("/healthz", health),
        *gateways.routes(world),
        *phone.routes(world),
        *panel.routes(world),
        *partner.routes(partner.Peer(_site_url())),
        *registers.routes(registers.Office(registers.secret)),
        *Channels(_folder(), now).routes(),
        *meters.routes(_folder() / "sim" / "meters.port"),
        *_identity_provider(),
        *_object_store(),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ],
    lifespan=lifespan,
)
