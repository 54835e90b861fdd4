"""A mortgaged home is transferred: whether an agreement limits it is said to who files, to the parties, to the bank and to the registrar (R13.5)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import testing as people
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing
from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused
from bancheng.services.registry.tests.conftest import HOME, REGISTRY, Town
from bancheng.services.registry.tests.test_pages import body

NUMBER = "M1"
Role, Party = registrations.Role, registrations.Party


def mortgaged(*, restricted: bool) -> None:
    bank = titles.unit_party(titles.PartyKind.BANK, testing.BANK, "中国银行襄城支行")
    titles.register_mortgage(
        **testing.said("m1", at=clocks.now()),
        lots=[HOME],
        bank=bank,
        number=NUMBER,
        amount_fen=60_000_000,
        transfer_restricted=restricted,
    )


def transfer(town: Town, *more: Party, papers: Sequence[registrations.Paper] = (), **payload: Any) -> UUID:
    """File the transfer of the owner's home at the counter."""
    people.citizen("李四", serial=74)
    seller = Party(Role.SELLER, "person", "王芳", town.office.owner_id)
    buyer = Party(Role.BUYER, "person", "李四", people.citizen_id(74))
    return registrations.file(
        region=testing.REGION,
        kind="transfer",
        key="t1",
        channel="window",
        by=town.office.acceptor,
        parties=(seller, buyer, *more),
        lots=(HOME,),
        payload={"contract_no": "HT-1", **payload},
        papers=[*testing.papers("sale_contract", "tax_receipt"), *papers],
        acting_for_unit=REGISTRY,
        at=clocks.now(),
    ).id


@pytest.mark.parametrize("restricted", [True, False])
def test_who_files_learns_whether_an_agreement_limits_the_transfer(town: Town, restricted: bool) -> None:
    """民法典 第四百零六条"""
    mortgaged(restricted=restricted)
    with pytest.raises(Refused, match="lot_blocked") as no:
        transfer(town)
    assert ("限制转让的约定" in no.value.says) is restricted
    assert ("art. 406" in no.value.en) is restricted


def test_parties_bank_and_registrar_see_that_the_bank_has_to_agree_until_it_has(town: Town) -> None:
    """民法典 第四百零六条; 担保解释 第四十三条"""
    mortgaged(restricted=True)
    made = transfer(town, testing.bank_party(), rights_asked=[NUMBER])
    banker = people.client_for(get_user_model().objects.get(pk=town.office.banker.user_id))
    pages = (
        (town.owner, f"/registry/mine/{made}/"),
        (banker, f"/registry/asks/{made}/"),
        (town.acceptor, f"/registry/desk/{made}/"),
    )
    for browser, address in pages:
        shown = body(browser.get(address))
        assert "登记有限制转让的约定" in shown
        assert "尚未取得" in shown
    registrations.consent(application_id=made, by=town.office.banker, channel="bank", at=clocks.now())
    for browser, address in pages:
        shown = body(browser.get(address))
        assert "已取得" in shown
        assert "尚未取得" not in shown


def test_where_nothing_limits_it_the_bank_has_to_be_told(town: Town) -> None:
    """民法典 第四百零六条: the mortgage is not affected by the transfer."""
    mortgaged(restricted=False)
    consent = registrations.Paper("consent", "同意书.pdf", "c" * 64)
    signed = {"right": NUMBER, "dated": clocks.today().isoformat(), "digest": consent.digest}
    made = transfer(town, papers=[consent], paper_consents=[signed])
    shown = body(town.owner.get(f"/registry/mine/{made}/"))
    assert consent.digest in shown
    assert "应当及时通知抵押权人" in shown
    assert "登记有限制转让的约定" not in shown
    assert [limit.restricted for limit in registrations.limits_on_transfer(made)] == [False]
