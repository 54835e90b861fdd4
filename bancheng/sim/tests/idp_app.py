"""The identity provider alone, mounted as the simulator mounts it."""

from starlette.applications import Starlette
from starlette.routing import Mount

from bancheng.sim import idp

app = Starlette(routes=[Mount("/idp", routes=idp.routes)])
