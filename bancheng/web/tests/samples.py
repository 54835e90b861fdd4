"""What the generated tests of every door try of the shell itself."""

from bancheng.web.testing import Samples, World


def samples(world: World) -> Samples:
    return Samples(values={"state": "screen"})
