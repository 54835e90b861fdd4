"""The procedures of new and existing land by their pages alone, from application to certificate: counter, parties, banks and three officers."""

from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents.testing import pdf
from bancheng.kernel.identity import testing as people
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing
from bancheng.kernel.titles import public as titles
from bancheng.services.landshares.tests.conftest import Desk

REGION, COUNTY = "411000", "xiangcheng-registry"
PARCEL = "411025001009GB00091"
ONE, TWO = f"{PARCEL}F00010001", f"{PARCEL}F00010002"
LAND = {
    "parcel": PARCEL,
    "area": "1000.00",
    "use": "城镇住宅用地",
    "term_until": "2090-12-31",
    "origin": "new",
    "permit": "250.00",
    "developer_name": "样例置业有限公司",
    "developer_uscc": testing.DEVELOPER_USCC,
}
SOLD = {"contract_no": "YS-9-1", "permit": "许房预字9号", "buyer_name": "王芳", "buyer_id": people.citizen_id(71)}
SURVEY = f"unit,area,category\n{ONE},100.00,saleable\n{TWO},150.00,saleable\ntotal,250.00,\n"
State = registrations.State


@pytest.fixture(autouse=True)
def _own_seals(settings: Any, tmp_path: Any) -> None:
    """Let each test make its own test authority."""
    settings.VAR = tmp_path


class Office:
    """Everybody who takes part, each in a browser of his own."""

    def __init__(self, desk: Desk) -> None:
        self.counter = desk("registry_acceptor", COUNTY)
        self.three = [desk(role, COUNTY) for role in ("registry_acceptor", "registry_reviewer", "registry_booker")]
        self.developer = people.client_for(get_user_model().objects.get(pk=testing.developer().user_id))
        self.buyer = people.client_for(people.citizen("王芳", serial=71))
        self.bank = people.client_for(people.staff("bank_approver", unit=testing.BANK))
        self.other_bank = people.client_for(people.staff("bank_approver", unit=testing.OTHER_BANK))

    def send(self, kind: str, **said: str) -> Any:
        papers = {
            code: SimpleUploadedFile(f"{code}.pdf", pdf(text=f"{kind} {code}"))
            for code in registrations.kind(kind).papers
        }
        where = "new/" if kind == "land.first" else f"{PARCEL}/hand-in/{kind}/"
        assert self.counter.get(f"/landshares/parcels/{where}").status_code == 200
        return self.counter.post(f"/landshares/parcels/{where}", {**said, **papers})

    def filed(self, kind: str, **said: str) -> UUID:
        answer = self.send(kind, **said)
        assert answer.status_code == 302, answer.content.decode()
        return self.last(kind)

    def last(self, kind: str) -> UUID:
        lots = [titles.land(PARCEL), f"{PARCEL}F0001", ONE, TWO]
        return next(one.id for one in registrations.of_lots(lots, region=REGION) if one.kind.code == kind)

    def agree(self, made: UUID, *who: Client) -> None:
        for one in who:
            assert one.post(f"/registry/mine/{made}/consent/", {"agree": "yes"}).status_code == 302

    def record(self, made: UUID) -> None:
        for client, act in zip(self.three, ("accept", "review", "book"), strict=True):
            answer = client.post(f"/registry/desk/{made}/{act}/")
            assert answer.status_code == 302, answer.content.decode()
        assert registrations.brief(made).state is State.RECORDED

    def survey(self, stage: str) -> None:
        said = {"building": "1", "stage": stage, "content": SURVEY, "explanation": ""}
        assert self.counter.post(f"/landshares/parcels/{PARCEL}/survey/hand-in/", said).status_code == 302
        self.record(self.last("plan.survey"))

    def opened(self) -> None:
        self.record(self.filed("land.first", **LAND))

    def divided(self) -> None:
        self.opened()
        self.survey("predicted")
        self.record(self.filed("plan.quantify", approval="许规总平9号"))

    def mortgaged(self, *lots: str) -> None:
        """Let a bank have a mortgage of the developer's in the book."""
        said = {"region": REGION, "key": "m9", "registration": "M9", "by": "test", "at": clocks.now()}
        bank = titles.unit_party(titles.PartyKind.BANK, testing.BANK, "中国银行襄城支行")
        titles.register_mortgage(lots=list(lots), bank=bank, number="M9", amount_fen=100, **said)  # type: ignore[arg-type]

    def certificates(self, made: UUID) -> list[registrations.CertificateView]:
        registrations.certify(region=REGION, registry=COUNTY, at=clocks.now())
        return list(registrations.certificates_of([made]))


@pytest.fixture
def office(desk: Desk) -> Office:
    return Office(desk)


def test_a_new_parcel_is_handed_in_by_a_form_and_its_title_follows(office: Office) -> None:
    """F7.3, R7.1: stage 1 from application to certificate"""
    made = office.filed("land.first", **LAND)
    assert titles.find(REGION, PARCEL) is None  # handing in records nothing
    office.record(made)
    found = titles.parcel(REGION, PARCEL)
    assert (found.area_dm2, found.permit_dm2, found.origin) == (100_000, 25_000, titles.Origin.NEW)
    assert [one.standing for one in office.certificates(made)] == [registrations.Standing.ISSUED]
    again = office.send("land.first", **LAND)
    assert again.status_code in (302, 409, 422)
    assert titles.parcel(REGION, PARCEL).version == found.version


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("area", "1000.005"), ("area", ""), ("term_until", "never"), ("developer_uscc", "1"), ("parcel", "x")],
)
def test_a_form_with_a_mistake_is_shown_again_with_everything_typed(office: Office, field: str, wrong: str) -> None:
    """B7.8, B7.9"""
    answer = office.send("land.first", **LAND | {field: wrong})
    assert answer.status_code == 422
    assert "没有提交" in (page := answer.content.decode()) or "代码" in page
    assert "城镇住宅用地" in page
    assert not registrations.of_lots([titles.land(PARCEL)], region=REGION)


def test_a_presale_under_a_mortgage_waits_for_the_bank_s_own_yes(office: Office) -> None:
    """F7.8, R7.4: stage 3, with the developer's, the buyer's and the mortgagee's consent each by an account of his own"""
    office.divided()
    office.mortgaged(ONE, TWO)
    made = office.filed("claim.notice", lot=ONE, **SOLD)
    office.agree(made, office.developer, office.buyer)
    assert registrations.brief(made).state is State.DRAFT  # the bank is still to answer
    assert office.three[0].post(f"/registry/desk/{made}/accept/").status_code == 409
    assert str(made) in office.bank.get("/registry/asks/").content.decode()
    page = office.bank.get(f"/registry/asks/{made}/").content.decode()
    assert "M9" in page
    assert office.other_bank.get(f"/registry/asks/{made}/").status_code == 404
    assert office.other_bank.post(f"/registry/asks/{made}/agree/").status_code == 404
    assert office.bank.post(f"/registry/asks/{made}/agree/").status_code == 302
    office.record(made)
    assert titles.right(REGION, "YS-9-1").state is titles.State.NOTICED
    assert office.certificates(made)
    assert not list(titles.verify())


def test_a_bank_that_says_no_says_why_and_nothing_is_recorded(office: Office) -> None:
    """F7.8"""
    office.divided()
    office.mortgaged(ONE, TWO)
    made = office.filed("claim.notice", lot=ONE, **SOLD)
    assert office.bank.post(f"/registry/asks/{made}/decline/", {"reason": " "}).status_code == 422
    assert office.bank.post(f"/registry/asks/{made}/decline/", {"reason": "贷款尚未归还"}).status_code == 302
    assert registrations.brief(made).state in registrations.ENDED
    assert "贷款尚未归还" in office.buyer.get(f"/registry/mine/{made}/").content.decode()
    assert registrations.brief(made).right == ""


def test_a_paper_consent_still_serves(office: Office) -> None:
    """F7.8"""
    office.divided()
    office.mortgaged(ONE, TWO)
    made = office.filed("claim.notice", lot=ONE, consents="M9", **SOLD)
    assert registrations.asked_units(made) == []
    office.agree(made, office.developer, office.buyer)
    office.record(made)


def test_a_sold_flat_is_released_registered_and_transferred_by_forms(office: Office) -> None:
    """F7.3, F7.8, R7.1: stages 3 to 5, to the buyer's own title"""
    office.divided()
    made = office.filed("claim.notice", lot=ONE, **SOLD)
    office.agree(made, office.developer, office.buyer)
    office.record(made)
    office.survey("measured")
    office.record(office.filed("plan.quantify", approval="实测核定9号"))
    office.record(office.filed("building.first", building=f"{PARCEL}F0001", approval="竣工9号"))
    made = office.filed("transfer", lot=ONE, claim="YS-9-1", contract_no="MM-9-1")
    office.agree(made, office.developer, office.buyer)
    office.record(made)
    assert [one.party.name for one in titles.lot(REGION, ONE).holder.members] == ["王芳"]  # type: ignore[union-attr]
    assert len(office.certificates(made)) == 1
    office.record(office.filed("plan.final", approval="终核9号"))
    assert titles.parcel(REGION, PARCEL).plan_final
    assert not list(titles.verify())


def test_a_release_at_the_counter_waits_for_the_mortgagee(office: Office) -> None:
    """F7.4, F7.8: what kind E3 of existing land does once its bank agrees"""
    office.divided()
    office.mortgaged(ONE, TWO)
    made = office.filed("mortgage.release", right="M9", lots=ONE)
    assert registrations.brief(made).state is State.DRAFT
    assert office.bank.post(f"/registry/asks/{made}/agree/").status_code == 302
    office.record(made)
    assert [one.lot for one in titles.right(REGION, "M9").lots if one.open] == [TWO]


def test_a_notice_ends_by_a_form(office: Office) -> None:
    """F7.3"""
    office.divided()
    made = office.filed("claim.notice", lot=ONE, **SOLD)
    office.agree(made, office.developer, office.buyer)
    office.record(made)
    made = office.filed("claim.cancel", claim="YS-9-1")
    office.agree(made, office.buyer)
    office.record(made)
    assert titles.right(REGION, "YS-9-1").state is titles.State.CANCELLED


def test_who_files_nothing_here_is_shown_no_form(office: Office, desk: Desk) -> None:
    for client in (desk("registry_reviewer", COUNTY), office.bank, office.buyer):
        assert client.get("/landshares/parcels/new/").status_code in (302, 403)
    office.opened()
    assert office.counter.get(f"/landshares/parcels/{PARCEL}/hand-in/mortgage.set/").status_code == 404
