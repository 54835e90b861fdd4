"""The registry: devices are registered, bound to a site, tested and put on sale; units and sites move, with history."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.sockets.models import Meter, Session, Site, SiteMove, Socket, Stay, Unit
from bancheng.services.sockets.rules import places
from bancheng.services.sockets.rules.places import Form, SiteState, SocketState, no_such_socket
from bancheng.services.sockets.rules.sessions import HOLDS_SOCKET

audit.labels(
    {
        "sockets.unit_registered": Text("登记设备", "Device registered"),
        "sockets.socket_tested": Text("投运测试通过", "Commissioning test passed"),
        "sockets.unit_moved": Text("移动设备", "Device moved"),
        "sockets.site_moved": Text("迁移站点", "Site moved"),
    }
)


@dataclass(frozen=True)
class NewUnit:
    """A device as it is registered: its sockets take the numbers from 1."""

    gateway: str
    serial: str
    form: Form
    fingerprint: str
    amps: int
    phase: str
    meters: tuple[str, ...]  # addresses, one a socket
    verified_until: date


def register_unit(*, site: Site, new: NewUnit, by: identity.Actor, at: datetime) -> Unit:
    """Register a device at a site; its sockets wait for their test. Raises Refused: bad_unit, unit_known, site_retired."""
    _check(site, new)
    with transaction.atomic():
        try:
            with transaction.atomic():
                unit = _write(site, new, by, at)
        except IntegrityError as taken:
            raise Refused(
                "unit_known",
                "网关名、设备序列号、凭证指纹或电表地址已登记在别的设备上，没有保存；请核对铭牌。",
                en="The gateway, serial, credential or a meter's address is registered already; nothing was kept. Check the plate.",
            ) from taken
        audit.record("sockets.unit_registered", who=by.ref, about=f"sockets.unit:{unit.pk}", at=at, region=site.region)
    return unit


def _check(site: Site, new: NewUnit) -> None:
    if site.state == SiteState.RETIRED:
        raise Refused("site_retired", "站点已撤，没有保存。", en="The site was given up; nothing was kept.")
    digits = all(len(one) == 12 and one.isascii() and one.isdigit() for one in new.meters)
    if not (new.gateway and new.meters and digits and new.amps in places.RATINGS_A and new.phase in places.PHASES):
        raise Refused(
            "bad_unit",
            "请填写网关名、每个插座的12位电表地址、额定电流（10、16或32安）和相别，没有保存。",
            en="Give the gateway, a twelve-digit meter address a socket, 10, 16 or 32 A and the phase; nothing was kept.",
            status=422,
        )


def _write(site: Site, new: NewUnit, by: identity.Actor, at: datetime) -> Unit:
    unit = Unit.objects.create(
        region=site.region,
        site=site,
        gateway=new.gateway,
        serial=new.serial,
        form=new.form,
        fingerprint=new.fingerprint,
    )
    Stay.objects.create(region=site.region, unit=unit, site=site, since=at, moved_by=by.ref)
    first = Socket.objects.filter(unit__site=site).count()
    for n, address in enumerate(new.meters, 1):
        socket = Socket.objects.create(
            region=site.region,
            unit=unit,
            code=f"{site.code}-{first + n:02d}",
            wire=str(n),
            number=first + n,
            phase=new.phase,
            rated_ma=new.amps * 1000,
        )
        Meter.objects.create(
            region=site.region, address=address, socket=socket, verified_until=new.verified_until, fitted_at=at
        )
    return unit


def commission(*, code: str, passed: frozenset[str], by: identity.Actor, at: datetime) -> None:
    """Put a socket on sale after its test on the spot. Raises Refused: no_such_socket, not_waiting_for_test, test_incomplete."""
    with transaction.atomic():
        found = Socket.objects.select_for_update().filter(code=code).first()
        if found is None:
            raise no_such_socket()
        places.check_may_go_on_sale(SocketState(found.state), passed)
        found.state, found.tested_at, found.tested_by, found.checks = SocketState.ON_SALE, at, by.ref, sorted(passed)
        found.save(update_fields=["state", "tested_at", "tested_by", "checks"])
        audit.record(
            "sockets.socket_tested",
            who=by.ref,
            about=f"sockets.socket:{found.pk}",
            at=at,
            region=found.region,
            detail={"checks": sorted(passed)},
        )


def move_unit(*, gateway: str, to: Site, reason: str, by: identity.Actor, at: datetime) -> None:
    """Move a mobile device to another site; where it stood stays on record (F1.2). Raises Refused: no_such_unit, not_mobile, socket_in_use."""
    with transaction.atomic():
        unit = Unit.objects.select_for_update().filter(gateway=gateway).first()
        if unit is None:
            raise Refused("no_such_unit", "没有这台设备。", en="There is no such device.", status=404)
        if unit.form != Form.MOBILE or unit.site_id == to.pk or to.state == SiteState.RETIRED:
            raise Refused(
                "not_mobile",
                "只有移动式设备可以换到另一个在用站点，没有移动。",
                en="Only a mobile device moves, to another site in use; nothing was changed.",
            )
        if Session.objects.filter(socket__unit=unit, state__in=HOLDS_SOCKET).exists():
            raise Refused("socket_in_use", "设备上有人正在用电，没有移动。", en="Somebody uses it; it was not moved.")
        unit.stays.filter(before=None).update(before=at)
        Stay.objects.create(
            region=unit.region, unit=unit, site=to, since=at, moved_by=by.ref, reason=reason.strip()[:200]
        )
        unit.site = to
        unit.save(update_fields=["site"])
        audit.record("sockets.unit_moved", who=by.ref, about=f"sockets.unit:{unit.pk}", at=at, region=unit.region)


def move_site(
    *, site: Site, address: Text, longitude: Decimal, latitude: Decimal, reason: str, by: identity.Actor, at: datetime
) -> None:
    """Move a site; its old address stays on record, and who uses it is told. Raises Refused: reason_missing."""
    if not reason.strip() or not address.zh.strip():
        raise Refused(
            "reason_missing",
            "请写明新地址和原因，没有保存。",
            en="Give the new address and why; nothing was kept.",
            status=422,
        )
    with transaction.atomic():
        SiteMove.objects.create(
            region=site.region,
            site=site,
            address=site.address,
            address_en=site.address_en,
            longitude=site.longitude,
            latitude=site.latitude,
            moved_at=at,
            moved_by=by.ref,
            reason=reason.strip()[:200],
        )
        Site.objects.filter(pk=site.pk).update(
            address=address.zh[:160],
            address_en=(address.en or address.zh)[:240],
            longitude=longitude,
            latitude=latitude,
        )
        audit.record("sockets.site_moved", who=by.ref, about=f"sockets.site:{site.pk}", at=at, region=site.region)
        jobs.later("sockets.tell_moved", key=f"sockets-moved-{site.pk}-{int(at.timestamp())}", site_id=site.pk)
