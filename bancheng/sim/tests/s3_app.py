"""The simulated object store alone, as a test of its client serves it; its faults are switched by POST /faults."""

import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from bancheng.sim.s3 import Store

STORE = Store(Path(os.environ["S3_FOLDER"]), key_id="bancheng", secret=os.environ["S3_SECRET"])


async def faults(request: Request) -> Response:
    for name, value in (await request.json()).items():
        setattr(STORE, name, value)
    return JSONResponse({})


app = Starlette(routes=[Route("/faults", faults, methods=["POST"]), Mount("/s3", routes=STORE.routes())])
