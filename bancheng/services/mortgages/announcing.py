"""What a bank's system is told: of its applications and certificates, and of what touches a lot it has a mortgage or an application on (§13.4).

Published in the transaction that made it true; no name and no identifier is in an event.
"""

from collections.abc import Iterator
from typing import Any

from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
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
TOLD = {
    "seizure_registered": "seizure.registered",
    "mortgage_fixed": "mortgage.fixed_by_seizure",
    "mortgage_cancelled": "mortgage.cancelled",
}
SAFE = ("entries", "right", "law", "cause", "case_no", "rule", "due_on")  # of an act's detail: codes and numbers
MOST_LOTS = 100


def happened(fact: registrations.Happened) -> None:
    """Tell the bank whose application it is."""
    owner = exchange.owner_of_unit(fact.unit) if fact.unit else ""
    if owner:
        exchange.publish(list(_of_application(fact, owner)))


def _of_application(fact: registrations.Happened, owner: str) -> Iterator[exchange.Said]:
    data = {
        "application": str(fact.application),
        "number": fact.number,
        "kind": fact.kind,
        "lots": list(fact.lots[:MOST_LOTS]),
        **{name: fact.detail[name] for name in SAFE if name in fact.detail},
    }
    if kind := APPLICATION.get(fact.what):
        yield _said(fact, kind, owner, data)
    if fact.what is What.RECORDED and fact.kind in ALSO:
        yield _said(fact, ALSO[fact.kind], owner, data)
    if fact.what is What.CERTIFIED:
        for number in fact.detail.get("certificates", ()):
            yield _said(fact, "certificate.issued", owner, {**data, **_certificate(number)})
    if fact.what is What.CERTIFICATE_ENDED:
        yield _said(fact, "certificate.revoked", owner, {**data, **_certificate(str(fact.detail.get("number", "")))})


def _certificate(number: str) -> dict[str, Any]:
    found = registrations.certificate(number)
    if found is None:
        return {"certificate": number}
    digest = found.digest.hex() if found.digest else ""
    return {"certificate": found.number, "standing": str(found.standing), "digest": digest, "right": found.right}


def _said(fact: registrations.Happened, kind: str, owner: str, data: dict[str, Any]) -> exchange.Said:
    about = f"registration:{fact.application}"
    return exchange.Said(SERVICE, kind, about, fact.region, fact.at, unit=fact.unit, owner=owner, data=data)


def changed(fact: titles.Changed) -> None:
    """Tell each bank with a mortgage or an open application on a lot what was recorded there."""
    owners = exchange.owners_of_units()
    if owners:
        exchange.publish(list(_of_lots(fact, owners)))


def _of_lots(fact: titles.Changed, owners: dict[str, str]) -> Iterator[exchange.Said]:
    data = {"parcel": fact.parcel, "act": str(fact.act), "register_version": fact.version}
    for told in fact.told:
        if told.unit in owners and (kind := TOLD.get(told.kind)):
            said = {**data, "right": told.right, "lots": [told.lot] if told.lot else []}
            yield _of_right(fact, kind, told.unit, owners[told.unit], said)
    concerned = registrations.lots_awaited(fact.lots, region=fact.region) if fact.lots else {}
    for each in titles.rights_on(fact.region, list(fact.lots)) if fact.lots else ():
        if each.party is not None:
            concerned.setdefault(each.party.unit, set()).add(each.lot)
    for unit, lots in sorted(concerned.items()):
        if unit not in owners:
            continue
        yield _of_right(fact, "lot.changed", unit, owners[unit], {**data, "lots": sorted(lots)[:MOST_LOTS]})


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
