"""What tests of places share: a site with a socket that may be sold, on prices that stand."""

from datetime import UTC, date, datetime

from bancheng.lib.text import Text
from bancheng.services.sockets.models import Meter, Plan, Site, Socket, Unit
from bancheng.services.sockets.operations import tariffs
from bancheng.services.sockets.rules.places import SocketState
from bancheng.services.sockets.rules.tariff import Band, DayType, PlanState, Rate

REGION = "411000"
LONG_AGO = datetime(2025, 12, 1, 1, 0, tzinfo=UTC)
ALL = frozenset(range(1, 13))
FLAT, PEAK = 600_000, 850_000
RATES = (
    Rate(ALL, DayType.EVERY, 0, 1440, Band.FLAT, FLAT),
    Rate(ALL, DayType.EVERY, 960, 1440, Band.PEAK, PEAK),
)
ONE_PRICE = (Rate(ALL, DayType.EVERY, 0, 1440, Band.FLAT, FLAT),)  # for tests at the hour it happens to be


def plan(first_on: date = date(2025, 1, 1), price_class: str = "commercial", rates: tuple[Rate, ...] = RATES) -> Plan:
    """Return the prices in force, written once."""
    found = Plan.objects.filter(region=REGION, price_class=price_class, first_on=first_on).first()
    wanted = tariffs.Wanted(price_class, first_on, Text("示例电价", "Sample prices"), "样例批文", rates)
    return found or tariffs.write(
        wanted, region=REGION, by="staff:one", at=LONG_AGO, state=PlanState.APPROVED, second="staff:two"
    )


def site(code: str = "S1", **fields: object) -> Site:
    """Return a site with prices."""
    plan()
    made, _ = Site.objects.get_or_create(
        region=REGION, code=code, defaults={"name": "夜市", "name_en": "Night market", **fields}
    )
    return made


def unit(gateway: str = "gw-0001", at_site: str = "S1", **fields: object) -> Unit:
    """Return a unit at a site."""
    made, _ = Unit.objects.get_or_create(region=REGION, gateway=gateway, defaults={"site": site(at_site), **fields})
    return made


def socket(
    code: str = "XC0001",
    wire: str = "1",
    gateway: str = "gw-0001",
    *,
    meter: str = "",
    verified_until: date | None = date(2030, 12, 31),
    at_site: str = "S1",
    **fields: object,
) -> Socket:
    """Return a socket on sale: tested, its meter verified."""
    found = Socket.objects.create(
        region=REGION,
        unit=unit(gateway, at_site),
        code=code,
        wire=wire,
        number=Socket.objects.count() + 1,
        **{"state": SocketState.ON_SALE, "tested_at": LONG_AGO, "tested_by": "staff:one", **fields},
    )
    address = meter or f"{202411070046 + Meter.objects.count():012d}"
    Meter.objects.create(
        region=REGION, address=address, socket=found, verified_until=verified_until, fitted_at=LONG_AGO
    )
    return found
