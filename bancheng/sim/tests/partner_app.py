"""The simulated partner alone, as the tests of webhooks serve it."""

import os

from starlette.applications import Starlette

from bancheng.sim.partner import Peer, routes

app = Starlette(routes=list(routes(Peer(os.environ.get("BANCHENG_SITE_URL", "")))))
