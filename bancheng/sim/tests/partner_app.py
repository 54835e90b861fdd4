"""The simulated partner alone, as the tests of webhooks serve it."""

from starlette.applications import Starlette

from bancheng.sim.partner import Peer, routes

app = Starlette(routes=list(routes(Peer())))
