"""What the generated tests of every door try of shared power: a socket, and uses of it known by their secrets."""

from datetime import timedelta

from bancheng.kernel.clocks import public as clocks
from bancheng.services.sockets.models import Socket
from bancheng.services.sockets.operations import sessions
from bancheng.services.sockets.tests import walking
from bancheng.web.testing import Samples, World


def use(code: str, wire: str) -> str:
    """Bring a session to its bill; return its secret."""
    if not Socket.objects.filter(code=code).exists():
        walking.socket(code, wire)
    now = clocks.now()
    made = sessions.reserve(code=code, prepay_fen=500, channel="wechat", at=now)
    session = walking.paid(made.session, now)
    device = walking.Device(wire=wire, boot=1 + Socket.objects.count(), began=now - timedelta(hours=1))
    walking.tell(device.close(session, now))
    walking.tell(device.reading(now + timedelta(seconds=10), more_10wh=1), device.open(now + timedelta(seconds=20)))
    return made.secret


def fill(world: World, first: int, last: int) -> None:
    """Lay out sockets with a use each."""
    for number in range(first, last + 1):
        use(f"FILL{number:04d}", f"f{number}")


def samples(world: World) -> Samples:
    number = Socket.objects.count() + 1
    walking.socket(f"FREE{number}", f"e{number}")
    waiting = sessions.reserve(code=f"FREE{number}", prepay_fen=500, channel="wechat", at=clocks.now())
    values = {"code": "FILL0001", "secret": use("FILL0002", "f2"), "sockets:sheet/secret": waiting.secret}
    return Samples(values=values)
