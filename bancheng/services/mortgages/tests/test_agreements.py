"""Agreements and outlets: what the pack brings, what registry and bank do, what the end of one closes."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.test import Client

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages.models import Agreement, Outlet
from bancheng.services.mortgages.operations import agreements as operations
from bancheng.services.mortgages.queries import agreements as queries
from bancheng.services.mortgages.rules.agreements import State
from bancheng.services.mortgages.rules.channels import Kind
from bancheng.services.mortgages.tests import towns
from bancheng.services.mortgages.tests.towns import BANK, OTHER_BANK, REGISTRY, Town

WHERE = "/mortgages/agreements/"
TERMS = {
    "bank": BANK,
    "number": "襄登银合〔2031〕1号",
    "first": "2031-01-01",
    "last": "2031-12-31",
    "scope": ["mortgage.set"],
}


def test_the_pack_brings_nine_channels_sixteen_developers_and_six_banks(town: Town) -> None:
    """A13.2, A13.3, F13.2, F13.11."""
    count = {line.channel: len(line.outlets) for line in queries.channels(clocks.today())}
    assert len(count) == 9
    assert all(count.values())
    assert (count["developer"], count["bank"]) == (16, 6)
    assert Agreement.objects.filter(state=State.SIGNED).count() == 6


def test_the_public_page_shows_channels_goals_and_conduct(town: Town) -> None:
    """F13.1, F13.11, F13.12, R13.9: also what no bank may ask for."""
    page = Client().get("/mortgages/").content.decode()
    for words in ("首山置业售楼部登记服务点", "减材料", "政商交往规范", "银行不得把办理抵押登记作为购买保险"):
        assert words in page
    assert "Rules of conduct" in Client().get("/mortgages/", headers={"accept-language": "en"}).content.decode()


def test_the_registry_proposes_and_the_bank_s_approver_signs(town: Town) -> None:
    """F13.7."""
    registry, approver = town.client("registry_reviewer", REGISTRY), town.client("bank_approver")
    assert registry.post(f"{WHERE}propose/", TERMS | towns.SAID).status_code == 302
    made = Agreement.objects.get(number=TERMS["number"])
    assert made.state == State.PROPOSED
    assert "代表本行签署" in approver.get(f"{WHERE}{made.pk}/").content.decode()
    assert "代表本行签署" not in town.client("bank_clerk").get(f"{WHERE}{made.pk}/").content.decode()
    assert approver.post(f"{WHERE}{made.pk}/sign/").status_code == 302
    made.refresh_from_db()
    assert made.state == State.SIGNED
    assert queries.in_force(BANK, date(2031, 6, 1)) == made


def test_another_bank_neither_sees_nor_signs_it(town: Town) -> None:
    """F13.7: a bank sees its own."""
    made = towns.agreement(state=State.PROPOSED)
    other = town.client("bank_approver", OTHER_BANK)
    assert other.get(f"{WHERE}{made.pk}/").status_code == 404
    assert other.post(f"{WHERE}{made.pk}/sign/").status_code == 404
    assert made.number not in other.get(WHERE).content.decode()


def test_a_bank_does_not_propose_and_a_clerk_does_not_sign(town: Town) -> None:
    made = towns.agreement(state=State.PROPOSED)
    assert town.client("bank_clerk").post(f"{WHERE}propose/", TERMS).status_code == 403
    assert town.client("bank_clerk").post(f"{WHERE}{made.pk}/sign/").status_code == 403


def test_what_was_signed_is_not_signed_again_and_may_be_ended_with_a_reason(town: Town) -> None:
    """R13.7: return on breach."""
    made = towns.agreement()
    approver, registry = town.client("bank_approver"), town.client("registry_reviewer", REGISTRY)
    assert approver.post(f"{WHERE}{made.pk}/sign/").status_code == 409
    assert registry.post(f"{WHERE}{made.pk}/end/", {"why": " "}).status_code == 422
    assert registry.post(f"{WHERE}{made.pk}/end/", {"why": "多次抽检不符"}).status_code == 302
    assert queries.in_force(BANK, date(2031, 6, 1)) is None


def test_two_agreements_of_a_bank_never_share_a_day(town: Town) -> None:
    towns.agreement()
    second = towns.agreement(state=State.PROPOSED, first=date(2031, 12, 31), last=date(2032, 12, 30))
    with pytest.raises(Refused) as no, transaction.atomic():
        operations.sign(agreement_id=second.pk, by=town.actor("bank_approver"), at=clocks.now())
    assert no.value.code == "agreements_overlap"
    second.refresh_from_db()
    assert second.state == State.PROPOSED


def test_a_signed_agreement_stands_as_it_was_signed(town: Town) -> None:
    made = towns.agreement()
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.filter(pk=made.pk).update(last_on=date(2040, 1, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        made.delete()


def test_an_expired_agreement_closes_the_outlet_for_what_is_new(town: Town) -> None:
    """B13.9: the outlet is closed for new filings; a payoff is cancelled."""
    with pytest.raises(Refused) as no:
        queries.check_may_file(BANK, Kind.SET_UP, date(2028, 1, 1))
    assert no.value.code == "agreement_over"
    assert "2027-12-31" in no.value.says
    assert queries.check_may_file(BANK, Kind.CANCEL, date(2028, 1, 1)) is None
    closed = [open_ for line in queries.channels(date(2028, 1, 1)) for outlet, open_ in line.outlets if outlet.bank]
    assert closed == [False] * 6
    assert queries.check_may_file(BANK, Kind.SET_UP, date(2026, 11, 29))


def test_both_sides_are_told_before_an_agreement_ends_and_once(town: Town) -> None:
    """F13.7: reminded before expiry; renewed, it is quiet."""
    approver, officer = town.account("bank_approver"), town.account("service_officer", REGISTRY)
    today, at = date(2027, 12, 1), clocks.now()
    for _ in range(2):
        operations.remind(today=today, at=at)
    found = apps.get_model("notices", "Message").objects.filter(kind="mortgages.agreement_ends")
    mine = [one for one in found.values_list("key", flat=True) if one.endswith((f"-{approver.pk}", f"-{officer.pk}"))]
    assert len(mine) == 1 + 6  # the approver of one bank's, the registry's officer of each bank's
    assert all("-30-" in key for key in mine)
    towns.agreement(first=date(2028, 1, 1), last=date(2028, 12, 31))
    operations.remind(today=today + timedelta(days=24), at=at)
    assert not [key for key in found.values_list("key", flat=True) if "-7-" in key and key.endswith(f"-{approver.pk}")]


def test_an_outlet_that_is_no_longer_listed_is_retired_and_comes_back(town: Town) -> None:
    """F13.2."""
    Outlet.objects.create(
        region="411000", code="gone", channel="township", name="旧点", name_en="Old", retired_at=clocks.now()
    )
    assert "旧点" not in Client().get("/mortgages/").content.decode()
