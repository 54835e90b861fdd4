"""The owner's page: the mortgages on his homes, and that one of them ends when it is paid (F13.10, F13.11)."""

from typing import Any
from uuid import UUID

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import testing as people
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.titles import public as titles
from bancheng.services.mortgages import terms
from bancheng.services.mortgages.models import Tracked
from bancheng.services.mortgages.rules.channels import CHANNELS, Channel, Kind
from bancheng.services.mortgages.tests.desks import HOME, Desk

MINE = "/mortgages/mine/"


def rests() -> str:
    (found,) = titles.rights_on("411000", [HOME])
    return found.right


def page(owner: Any) -> str:
    return str(owner.get(MINE).content.decode().split("<main")[1])


def recorded(desk: Desk, application: UUID) -> None:
    now, office = clocks.now(), desk.office
    registrations.accept(application_id=application, by=office.acceptor, at=now)
    registrations.review(application_id=application, by=office.reviewer, at=now)
    registrations.book(application_id=application, by=office.booker, at=now)


def test_an_owner_who_has_paid_asks_and_his_bank_releases_it_online(desk: Desk) -> None:
    """No paper is brought and nobody goes anywhere; the bank's yes is its statement of release."""
    desk.recorded()
    right, owner = rests(), people.client_for(desk.office.owner_user)
    shown = page(owner)
    assert right in shown
    assert "已还清，申请注销" in shown
    assert owner.post(f"{MINE}{right}/cancel/", {"reason": "11月还清"}).status_code == 302
    shown = page(owner)
    assert "等银行确认解除" in shown
    assert "申请注销</button>" not in shown
    (waiting,) = registrations.to_answer_of_units(["boc"])
    asked = desk.approver.get(f"/registry/asks/{waiting.id}/").content.decode()
    assert "此同意即为解除证明" in asked
    assert "11月还清" in asked
    assert desk.approver.post(f"/registry/asks/{waiting.id}/agree/").status_code == 302
    assert "注销办理中" in page(owner)
    recorded(desk, waiting.id)
    assert titles.rights_on("411000", [HOME]) == []
    assert right not in page(owner).split("</section>")[0]
    tracked = Tracked.objects.get(application=waiting.id)
    assert (tracked.channel, tracked.bank) == ("one_window", "")


def test_a_private_lender_is_not_asked_online(desk: Desk) -> None:
    """The page says where the two go instead, and names him."""
    lender = titles.person("孙六", people.citizen_id(73))
    titles.register_mortgage(
        lots=[HOME], bank=lender, number="M-1", amount_fen=100, region="411000", key="m-1", registration="M-1", by="test",
        at=clocks.now(),
    )  # fmt: skip
    shown = page(people.client_for(desk.office.owner_user))
    assert "孙六" in shown
    assert "抵押权人不是银行" in shown
    assert "申请注销</button>" not in shown


def test_another_s_mortgage_is_not_to_be_asked_for(desk: Desk) -> None:
    """B13.7"""
    desk.recorded()
    stranger = people.client_for(people.citizen("钱二", serial=72))
    answer = stranger.post(f"{MINE}{rests()}/cancel/")
    assert answer.status_code == 404
    assert "您的不动产上没有这项抵押权" in answer.content.decode()
    assert desk.clerk.post(f"{MINE}{rests()}/cancel/").status_code == 403


def test_each_channel_of_the_city_says_whether_an_owner_asks_by_it(loaded_city: None) -> None:
    """F13.11: what an owner may begin he may begin by each way that is his."""
    offers = {channel for channel, offer in terms.channels().items() if Kind.CANCEL in offer.files}
    assert set(CHANNELS) - offers == {Channel.NOTARY}
