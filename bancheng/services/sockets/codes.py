"""Codes of posts: read at the door, printed as a sheet for whoever fits them."""

from datetime import datetime
from pathlib import Path

from django.conf import settings

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.certificates import public as certificates
from bancheng.lib.refusal import Refused
from bancheng.services.sockets.models import Site, Socket
from bancheng.services.sockets.rules import codes
from bancheng.services.sockets.rules.places import SocketState

TEMPLATE = Path(__file__).parent / "data" / "codes.typ"
COMPANY = "power"  # the unit that answers for the posts
HELP = "95598"  # of the grid companies, everywhere in the country


def printed(code: str, *, region: str) -> str:
    """Return the code that is printed for a socket."""
    return codes.printed(code, secret=settings.SECRET_KEY.encode(), region=region)


def address(code: str, *, region: str) -> str:
    """Return the address behind the printed code."""
    return f"{settings.SITE_URL}/sockets/q/{printed(code, region=region)}/"


def read(printed_code: str) -> str:
    """Return the socket of a printed code. Raises Refused("foreign_code") for one that we did not print."""
    secrets = tuple(str(one).encode() for one in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
    code = codes.read(printed_code, secrets=secrets, region=settings.REGION)
    if code is None:
        raise Refused(
            "foreign_code",
            "这个二维码不是供电公司印制的，可能被人覆盖或仿冒。没有扣款，请不要付款；请看插座上印的编号，拨打95598核实。",
            en="This code was not printed by the power company: it may be a forgery stuck over the real one. Nothing was charged. "
            "Do not pay; read the number on the socket and call 95598.",
            status=404,
        )
    return code


def sheet(site: Site, *, at: datetime) -> bytes:
    """Return the sheet of a site's codes as a PDF, a card for each socket. Raises Refused: no_sockets, and as `certificates.sheet`."""
    found = list(Socket.objects.filter(unit__site=site).exclude(state=SocketState.RETIRED).order_by("number"))
    if not found:
        raise Refused(
            "no_sockets", "站点还没有登记插座，没有生成。", en="The site has no sockets yet; nothing was made."
        )
    company = catalogue.units_by_code([COMPANY]).get(COMPANY)
    said = {
        "title": f"{site.name}二维码",
        "keywords": [site.code],
        "site": site.name,
        "site_en": site.name_en,
        "place": site.address,
        "phone": company.phone if company else HELP,
        "cards": [
            {
                "code": one.code,
                "amps": one.rated_ma // 1000,
                "qr": certificates.qr(address(one.code, region=site.region)),
            }
            for one in found
        ],
    }
    return certificates.sheet(
        TEMPLATE.read_bytes(),
        said,
        unit=COMPANY,
        unit_name=company.name if company else "供电公司",
        address=f"{settings.SITE_URL}/sockets/",
        reason="印制插座二维码",
        at=at,
    ).data
