"""What every door of partners is tried with: a bank of each unit, a key on its way, a difference."""

from bancheng.kernel.exchange import testing as exchange
from bancheng.kernel.exchange.testing import Partner
from bancheng.lib import sigalgs
from bancheng.web.testing import Samples, World

MARK = "样例证明0000001号"


def fill(world: World, first: int, last: int) -> None:
    """Make as many of everything a list shows."""
    made = _bank(world.unit)
    for number in range(first, last + 1):
        exchange.difference(made, line=f"{MARK}-{number}", owner=world.unit)
        exchange.program(made, algorithm=sigalgs.ED25519)


def _bank(unit: str) -> Partner:
    found = Partner.objects.filter(unit=unit, closed_at=None).first()
    return found or exchange.bank(unit=unit, algorithm=sigalgs.ED25519)[0]


def samples(world: World) -> Samples:
    made = _bank(world.unit)
    key = made.keys.filter(revoked_at=None).order_by("-pk")[0]
    offer = exchange.offered(made, proven=True)
    return Samples(
        values={
            "partner_id": made.pk,
            "offer_id": offer.pk,
            "key_id": key.key_id,
            "difference_id": exchange.difference(made, line=MARK, owner=world.unit).pk,
        },
        sends={
            "partners:offer": {"public_key": sigalgs.pair(sigalgs.ED25519).public},
            "partners:prove": {"signature": "AAAA"},
            "partners:open": {"code": "sample-bank", "unit": "icbc"},
            "partners:agree": {"agreement": "样例1", "until": "2099-12-31"},
            "partners:close_difference": {"cause": "样例"},
        },
        marks=(MARK,),
        own=frozenset({"partners:offer"}),  # whoever asks, it is for his own unit
    )
