"""What a bank's system is told: of its applications and certificates, and of what touches a lot it has a mortgage or an application on (§13.4).

Published in the transaction that made it true; no name and no identifier is in an event.
"""

from collections.abc import Iterator
from typing import Any

from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.lib.days import day_of
from bancheng.services.mortgages.models import LookUp

SERVICE = "mortgages"
What = registrations.What
APPLICATION = {
    What.SUBMITTED: "application.submitted",
    What.ACCEPTED: "application.accepted",
    What.CORRECTION_REQUIRED: "application.correction_required",
    What.NOT_ACCEPTED: "application.refused",
    What.REFUSED: "application.refused",
    What.DECLINED: "application.withdrawn",
    What.WITHDRAWN: "application.withdrawn",
    What.SUSPENDED: "application.suspended",
    What.RESUMED: "application.resumed",
    What.RECORDED: "application.recorded",
}
ALSO = {"mortgage.release": "mortgage.released", "mortgage.cancel": "mortgage.cancelled"}
FIXED = "mortgage_fixed"
TOLD = {
    "seizure_registered": "seizure.registered",
    FIXED: "mortgage.fixed_by_seizure",
    "mortgage_cancelled": "mortgage.cancelled",
}
SAFE = ("entries", "right", "law", "cause", "case_no", "rule", "due_on")  # of an act's detail: codes and numbers
MOST_LOTS = 100


def happened(fact: registrations.Happened) -> None:
    """Tell the bank whose application it is; of a certificate whom it is for, which after a transfer of the claim is another bank."""
    exchange.publish([*_of_application(fact), *_of_certificates(fact)])


def _of_application(fact: registrations.Happened) -> Iterator[exchange.Said]:
    kinds = [APPLICATION.get(fact.what), ALSO.get(fact.kind) if fact.what is What.RECORDED else None]
    owner = exchange.owner_of_unit(fact.unit) if fact.unit and any(kinds) else ""
    if owner:
        yield from (_said(fact, kind, fact.unit, owner, _data(fact)) for kind in kinds if kind)


def _of_certificates(fact: registrations.Happened) -> Iterator[exchange.Said]:
    if fact.what is What.CERTIFIED:
        for found in registrations.certificates_of([fact.application]):
            yield from _of_certificate(fact, "certificate.issued", found.unit, found)
    if fact.what is What.CERTIFICATE_ENDED:
        number = str(fact.detail.get("number", ""))
        yield from _of_certificate(fact, "certificate.revoked", str(fact.detail.get("holder", "")), number)


def _of_certificate(
    fact: registrations.Happened, kind: str, unit: str, certificate: registrations.CertificateView | str
) -> Iterator[exchange.Said]:
    """Yield what a bank hears of its proof, nothing where no bank with a system holds it."""
    if not (owner := exchange.owner_of_unit(unit) if unit else ""):
        return
    found = registrations.certificate(certificate) if isinstance(certificate, str) else certificate
    if found is not None:
        digest = found.digest.hex() if found.digest else ""
        said = {"certificate": found.number, "standing": str(found.standing), "digest": digest, "right": found.right}
        yield _said(fact, kind, unit, owner, _data(fact) | said)


def _data(fact: registrations.Happened) -> dict[str, Any]:
    return {
        "application": str(fact.application),
        "number": fact.number,
        "kind": fact.kind,
        "lots": list(fact.lots[:MOST_LOTS]),
        **{name: fact.detail[name] for name in SAFE if name in fact.detail},
    }


def _said(fact: registrations.Happened, kind: str, unit: str, owner: str, data: dict[str, Any]) -> exchange.Said:
    about = f"registration:{fact.application}"
    return exchange.Said(SERVICE, kind, about, fact.region, fact.at, unit=unit, owner=owner, data=data)


def changed(fact: titles.Changed) -> None:
    """Tell each bank with a mortgage or an open application on a lot what was recorded there."""
    owners = exchange.owners_of_units()
    if owners:
        exchange.publish(list(_of_lots(fact, owners)))


def _of_lots(fact: titles.Changed, owners: dict[str, str]) -> Iterator[exchange.Said]:
    data = {"parcel": fact.parcel, "act": str(fact.act), "register_version": fact.version}
    for told in fact.told:
        if told.unit in owners and (kind := _kind(fact, told)):
            said = {**data, "right": told.right, "lots": [told.lot] if told.lot else []}
            if told.kind == FIXED:
                said["fixed_on"] = day_of(fact.at).isoformat()
            yield _of_right(fact, kind, told.unit, owners[told.unit], said)
    concerned = registrations.lots_awaited(fact.lots, region=fact.region) if fact.lots else {}
    for each in titles.rights_on(fact.region, list(fact.lots)) if fact.lots else ():
        if each.party is not None:
            concerned.setdefault(each.party.unit, set()).add(each.lot)
    for unit, lots in sorted(concerned.items()):
        if unit not in owners:
            continue
        yield _of_right(fact, "lot.changed", unit, owners[unit], {**data, "lots": sorted(lots)[:MOST_LOTS]})


def _kind(fact: titles.Changed, told: titles.Told) -> str:
    """Return which event it is; nothing for a fixing that the bank filed itself: it hears of its application."""
    return "" if told.kind == FIXED and fact.act == "mortgage.fix" else TOLD.get(told.kind, "")


def _of_right(fact: titles.Changed, kind: str, unit: str, owner: str, data: dict[str, Any]) -> exchange.Said:
    return exchange.Said(
        SERVICE, kind, f"parcel:{fact.parcel}", fact.region, fact.at, unit=unit, owner=owner, data=data
    )


def archive_requested(asked: LookUp) -> None:
    """Tell the bank that keeps a bundle that the registry asks to look at it: for what, it reads in the request."""
    bundle = asked.bundle
    owner = exchange.owner_of_unit(bundle.bank)
    if not owner:
        return
    application = bundle.about.removeprefix("registration:")
    data = {"request": str(asked.pk), "application": application, "number": bundle.number, "due_on": str(asked.due_on)}
    about = f"bundle:{bundle.pk}"
    exchange.publish(
        [exchange.Said(SERVICE, "archive.requested", about, asked.region, asked.asked_at, unit=bundle.bank, owner=owner, data=data)]
    )  # fmt: skip
