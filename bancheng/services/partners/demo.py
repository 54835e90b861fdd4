"""In a demonstration the six banks are in: opened, agreed, their keys proven and let in, as two people would have done it."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.identity import public as identity
from bancheng.lib import bankkeys, sigalgs
from bancheng.lib.refusal import Refused
from bancheng.services.partners.pages import BANK_SCOPES

CLERK, OPERATOR = identity.Actor("system:demo-bank"), identity.MACHINE
UNTIL = date(2099, 12, 31)


def open_banks(var: Path, *, region: str, at: datetime) -> int:
    """Open the banks whose units the city has, and let their keys in; return how many keys are new. A second time it changes nothing."""
    units = {unit.code: unit.name for unit in catalogue.units()}
    return sum(_open(var, bank, units[bank.unit], region, at) for bank in bankkeys.BANKS if bank.unit in units)


def _open(var: Path, bank: bankkeys.Bank, name: str, region: str, at: datetime) -> bool:
    partner_id = exchange.partner_of_unit(bank.unit)
    if partner_id is None:
        made = exchange.open_partner(
            region=region, code=bank.unit, name=name, unit=bank.unit, by=identity.MACHINE, at=at
        )
        partner_id = made.pk
        for act in BANK_SCOPES:
            exchange.give_scope(
                partner_id=partner_id, act=act, service="mortgages", unit=exchange.OWN, by=identity.MACHINE, at=at
            )
        exchange.agree(partner_id=partner_id, agreement="演示协议", until=UNTIL, by=identity.MACHINE, at=at)
    held = bankkeys.held(var, bank)
    known = sigalgs.fingerprint(sigalgs.read_public(held.public)[1])
    working = {key.fingerprint: key.key_id for key in exchange.partner(partner_id, at=at).keys if key.works}
    new = known not in working
    with _unless_known():
        key_id = working.get(known) or _let_in(partner_id, held, at)
        bankkeys.tell_key_id(var, bank.unit, key_id)
    return new


@contextmanager
def _unless_known() -> Iterator[None]:
    """Leave a bank out whose key an operator revoked: he meant it."""
    try:
        yield
    except Refused as no:
        if no.code != "key_is_known":
            raise


def _let_in(partner_id: int, held: bankkeys.Held, at: datetime) -> str:
    signer = held.bank.user if held.bank.user != sigalgs.USER_ID else ""
    offer = exchange.offer_key(partner_id=partner_id, public_key=held.public, signer=signer, by=CLERK, at=at)
    said = exchange.challenge_text(offer, partner=held.bank.unit)
    proof = sigalgs.sign(held.algorithm, held.private, said, user=held.bank.user)
    exchange.prove_key(offer_id=offer.pk, signature=base64.b64encode(proof).decode(), by=CLERK, at=at)
    return exchange.confirm_key(offer_id=offer.pk, by=OPERATOR, at=at)
