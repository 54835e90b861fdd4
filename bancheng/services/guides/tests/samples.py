"""What the generated tests of every door try of the guides: what the reference city has."""

from bancheng.kernel.catalogue import public as catalogue
from bancheng.web.testing import Samples, World


def samples(world: World) -> Samples:
    return Samples(
        values={
            "guides:unit/code": world.unit,
            "guides:domain/code": catalogue.domains()[0].code,
            "guides:outlet/code": catalogue.outlets()[0].code,
            "guides:guide/code": catalogue.matters(unit=world.unit)[0].code,
        }
    )
