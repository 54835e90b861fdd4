"""The simulated payment channels alone, as the tests of their clients serve them; the folder is BANCHENG_VAR."""

import os
from pathlib import Path

from starlette.applications import Starlette

from bancheng.sim.paychannel.doors import Channels
from bancheng.sim.state import now

app = Starlette(routes=list(Channels(Path(os.environ["BANCHENG_VAR"]), now).routes()))
