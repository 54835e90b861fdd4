"""What the generated tests of every door try of the proof pages: a claim of the loaded city."""

from bancheng.web.testing import Samples, World


def samples(world: World) -> Samples:
    return Samples(values={"code": "A10.5"})
