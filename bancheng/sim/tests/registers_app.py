"""The simulated exchange of registers alone, as the tests of its client serve it."""

from starlette.applications import Starlette

from bancheng.sim.registers import Office, routes, secret

app = Starlette(routes=list(routes(Office(secret))))
