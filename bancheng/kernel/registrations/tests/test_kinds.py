"""A developer's parcel from the grant to the buyer's title, by the office alone: each kind of registration records what it says (S07)."""

from typing import Any

import pytest

from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.registrations import testing
from bancheng.kernel.registrations.facts import Party, Request
from bancheng.kernel.registrations.operations import booking, certifying, consenting, filing, handling
from bancheng.kernel.registrations.queries import papers, reading
from bancheng.kernel.registrations.rules.kinds import Role
from bancheng.kernel.registrations.rules.words import Standing
from bancheng.kernel.registrations.testing import AT, REGION, REGISTRY, Office, later
from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
PARCEL = "411025099001GB00088"
ROOT, BUILDING = f"{PARCEL}W00000000", f"{PARCEL}F0001"
UNIT = f"{BUILDING}0001"
DEVELOPER = Party(Role.DEVELOPER, "organisation", "样例置业有限公司", testing.DEVELOPER_USCC)
LI = people.citizen_id(74)
BUYER = Party(Role.BUYER, "person", "李四", LI)
SALE = {"contract_no": "YS-2026-1", "permit": "豫许房预字1号"}


class Walk:
    """Whoever takes part: the developer's representative, the buyer, the bank and the three officers."""

    def __init__(self, office: Office) -> None:
        self.office, self.developer = office, testing.developer()
        self.buyer = people.actor(people.citizen("李四", serial=74))

    def take(self, kind: str, by: identity.Actor, lots: tuple[str, ...], *parties: Party, **over: Any) -> Any:
        """File, let everybody agree, accept, review, record and certify; return the view."""
        asked = Request(
            REGION,
            kind,
            over.get("channel", "one_window"),
            parties,
            lots,
            over.get("payload", {}),
            testing.papers(*over["papers"]),
            over.get("loan_no", ""),
            over.get("unit", ""),
        )
        made = filing.file(
            asked, key=f"{kind}-{len(parties)}-{lots[0]}-{over.get('payload', {}).get('contract_no')}", by=by, at=AT
        ).id
        for party in reading.view(made).waiting_for:
            who: identity.Actor | str = {"person": self.buyer, "organisation": self.developer}.get(
                party.kind, "unit:boc"
            )
            consenting.consent(application_id=made, by=who, channel="app", at=AT)
        handling.accept(application_id=made, by=self.office.acceptor, at=AT)
        handling.review(application_id=made, by=self.office.reviewer, at=AT)
        booking.book_in(application_id=made, by=self.office.booker, at=AT)
        certifying.certify(region=REGION, registry=REGISTRY, at=AT)
        return reading.view(made)

    def open_land(self) -> Any:
        payload = {"area_dm2": 100_000, "use": "城镇住宅用地", "term_until": "2090-12-31"}
        wanted = ("grant_contract", "grant_fee_receipt", "cadastral_survey")
        return self.take("land.first", self.developer, (ROOT,), DEVELOPER, payload=payload, papers=wanted)

    def survey(self, stage: titles.SurveyStage, *areas: int) -> None:
        units = [titles.UnitArea(f"{BUILDING}000{n}", area) for n, area in enumerate(areas, 1)]
        key = f"{stage}-{PARCEL}"
        titles.accept_survey(**testing.said(key), building=BUILDING, stage=stage, units=units, approval="测绘")
        titles.quantify(**testing.said(f"{key}-plan"), parcel=PARCEL, approval="计划表")

    def presell(self) -> Any:
        return self.take(
            "claim.notice", self.developer, (UNIT,), DEVELOPER, BUYER, payload=SALE, papers=("presale_contract",)
        )

    def pre_mortgage(self) -> Any:
        owner = Party(Role.MORTGAGOR, "person", "李四", LI)
        return self.take(
            "mortgage.pre",
            people.actor(people.staff("bank_clerk", unit="boc")),
            (UNIT,),
            owner,
            testing.bank_party(),
            payload=testing.TERMS,
            papers=("loan_contract", "mortgage_contract", "presale_contract"),
            loan_no="L-1",
            unit="boc",
            channel="bank",
        )


@pytest.fixture
def walk(office: Office) -> Walk:
    return Walk(office)


def test_from_the_grant_to_the_buyer_s_title_with_its_mortgage(walk: Walk) -> None:
    """F7.3, F7.6, F7.8, R7.1, R7.2: five kinds of registration, each by the office; a pre-mortgage becomes a mortgage with its day."""
    (land,) = walk.open_land().certificates
    said = papers.by_id(land.id, open_said=True)
    assert said is not None
    assert "宗地面积1000.00㎡" in str(said.said)
    walk.survey(titles.SurveyStage.PREDICTED, 10_000, 12_000)
    (notice,) = walk.presell().certificates
    assert "证明" in notice.number
    (pre,) = walk.pre_mortgage().certificates
    walk.survey(titles.SurveyStage.MEASURED, 10_010, 11_990)
    wanted = ("planning_certificate", "completion_certificate", "measured_survey")
    first = walk.take(
        "building.first", walk.developer, (BUILDING,), DEVELOPER, payload={"acceptance": "竣工备案1号"}, papers=wanted
    )
    assert len(first.certificates) == 2  # a title for each unit, the developer's
    seller = Party(Role.SELLER, "organisation", "样例置业有限公司", testing.DEVELOPER_USCC)
    done = walk.take(
        "transfer",
        walk.developer,
        (UNIT,),
        seller,
        BUYER,
        payload={"claim": SALE["contract_no"], "contract_no": "XS-1"},
        papers=("sale_contract", "tax_receipt"),
    )
    kinds = sorted(each.kind.value for each in done.certificates)
    assert kinds == ["proof", "title"]  # the buyer's title, and the bank's proof of what is a mortgage now
    assert titles.holders(REGION, UNIT).names == "李四"
    (mortgage,) = titles.rights_on(REGION, [UNIT])
    assert mortgage.kind == titles.RightKind.MORTGAGE
    ended = {
        each.number: each.standing
        for each in (
            *papers.of_applications([first.id]),
            *papers.of_applications([pre.application, notice.application]),
        )
    }
    assert ended[notice.number] is Standing.REVOKED
    assert ended[pre.number] is Standing.REPLACED
    assert sorted(ended.values()) == [
        "issued",
        "replaced",
        "replaced",
        "revoked",
    ]  # of the two titles the sold unit's is replaced


def test_a_home_sold_twice_is_refused_with_the_first_contract(walk: Walk) -> None:
    """B7.2, R7.4"""
    walk.open_land()
    walk.survey(titles.SurveyStage.PREDICTED, 10_000, 12_000)
    walk.presell()
    other = Party(Role.BUYER, "person", "赵六", people.citizen_id(75))
    payload = SALE | {"contract_no": "YS-2026-2"}
    with pytest.raises(Refused, match="lot_blocked") as no:
        walk.take(
            "claim.notice", walk.developer, (UNIT,), DEVELOPER, other, payload=payload, papers=("presale_contract",)
        )
    assert "YS-2026-1" in no.value.says


def test_a_stranger_s_pre_mortgage_of_another_s_claim_is_refused(walk: Walk) -> None:
    """R13.3: of a unit that is not built yet the buyer whom the claim names has to be the mortgagor."""
    walk.open_land()
    walk.survey(titles.SurveyStage.PREDICTED, 10_000, 12_000)
    with pytest.raises(Refused, match="lot_blocked"):  # no claim yet
        walk.pre_mortgage()
    walk.presell()
    asked = Request(
        REGION,
        "mortgage.pre",
        "bank",
        (Party(Role.MORTGAGOR, "person", "赵六", people.citizen_id(75)), testing.bank_party()),
        (UNIT,),
        testing.TERMS,
        testing.papers("loan_contract", "mortgage_contract", "presale_contract"),
        "L-2",
        "boc",
    )
    clerk = people.actor(people.staff("bank_clerk", unit="boc"))
    assert [each.code for each in filing.check(asked, by=clerk, at=AT)] == ["not_the_holder"]


def test_a_partial_release_keeps_the_rest_with_its_proof_replaced(walk: Walk) -> None:
    """§8.4, F7.8: the developer's mortgage leaves one unit."""
    walk.open_land()
    walk.survey(titles.SurveyStage.PREDICTED, 10_000, 12_000)
    other = f"{BUILDING}0002"
    owner = Party(Role.MORTGAGOR, "organisation", "样例置业有限公司", testing.DEVELOPER_USCC)
    clerk = people.actor(people.staff("bank_clerk", unit="boc"))
    bank = {"unit": "boc", "channel": "bank", "loan_no": "L-9"}
    wanted = ("loan_contract", "mortgage_contract")
    payload = testing.TERMS | {"form": "construction"}
    made = walk.take(
        "mortgage.set", clerk, (UNIT, other), owner, testing.bank_party(), payload=payload, papers=wanted, **bank
    )
    right = made.brief.right
    statement = {"payload": {"right": right}, "papers": ("release_statement",)}
    done = walk.take("mortgage.release", clerk, (UNIT,), testing.bank_party(), **statement, **bank)
    assert [each.lot for each in titles.right(REGION, right).lots if each.open] == [other]
    assert [each.standing for each in papers.of_applications([made.id])] == [Standing.REPLACED]
    assert len(done.certificates) == 1
    last = walk.take("mortgage.release", clerk, (other,), testing.bank_party(), **statement, **bank)
    assert last.certificates == ()  # it covers nothing any more: there is nothing to prove
    assert [each.standing for each in papers.of_applications([done.id])] == [Standing.REVOKED]


def test_a_mortgage_goes_to_another_bank_that_agrees_itself(walk: Walk) -> None:
    right = reading.view(testing.recorded(walk.office)).brief.right
    taker = Party(Role.TRANSFEREE, "unit", "工商银行襄城支行", unit="icbc")
    asked = testing.request(
        walk.office,
        kind="mortgage.transfer",
        lots=(),
        parties=(testing.bank_party(), taker),
        payload={"right": right, "reason": "债权转让协议1号"},
        papers=testing.papers("assignment"),
        loan_no="",
    )
    made = filing.file(asked, key="t", by=walk.office.banker, at=AT)
    assert [each.unit for each in reading.view(made.id).waiting_for] == ["icbc"]
    consenting.consent(application_id=made.id, by="unit:icbc", channel="bank", at=later(hours=1))
    handling.accept(application_id=made.id, by=walk.office.acceptor, at=later(hours=1))
    handling.review(application_id=made.id, by=walk.office.reviewer, at=later(hours=1))
    booking.book_in(application_id=made.id, by=walk.office.booker, at=later(hours=1))
    party = titles.right(REGION, right).party
    assert party is not None
    assert party.unit == "icbc"
    certifying.certify(region=REGION, registry=REGISTRY, at=later(hours=1))
    proof = papers.of_right(right, region=REGION)
    assert proof is not None
    assert proof.unit == "icbc"


def fixing(right: str, **over: Any) -> dict[str, Any]:
    terms = {"right": right, "principal_fen": 40_000_000, "fixed_on": str(AT.date()), "reason": "债权确定", **over}
    return {"kind": "mortgage.fix", "payload": terms, "papers": testing.papers("fixing_statement")}


def test_a_maximum_amount_is_fixed_once_and_the_proof_says_how_much(walk: Walk) -> None:
    """民法典 第四百二十三条."""
    right = reading.view(testing.recorded(walk.office, payload={**testing.TERMS, "maximum": True})).brief.right
    fix = testing.consented(walk.office, "f1", **fixing(right))
    handling.accept(application_id=fix, by=walk.office.acceptor, at=AT)
    handling.review(application_id=fix, by=walk.office.reviewer, at=AT)
    booking.book_in(application_id=fix, by=walk.office.booker, at=AT)
    assert titles.right(REGION, right).fixed_fen == 40_000_000
    certifying.certify(region=REGION, registry=REGISTRY, at=AT)
    proof = papers.of_right(right, region=REGION)
    assert proof is not None
    other = next(value for zh, _, value in proof.said["rows"] if zh == "其他")
    for words in (
        "最高额抵押（债权已确定）",
        "最高债权额：600000.00元",
        "债权确定日：2026年3月2日",
        "确定的债权额：400000.00元",
    ):
        assert words in other
    with pytest.raises(Refused) as no:
        testing.consented(walk.office, "f2", **fixing(right))
    assert no.value.code == "fixed_already"


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"principal_fen": 60_000_001}, "fixed_amount_wrong"),
        ({"principal_fen": 0}, "fixed_amount_wrong"),
        ({"principal_fen": None}, "fixed_amount_wrong"),
        ({"fixed_on": None}, "fixed_day_wrong"),
        ({"fixed_on": "2026-02-30"}, "fixed_day_wrong"),
        ({"fixed_on": "2026-03-01"}, "fixed_day_wrong"),
        ({"fixed_on": "2026-03-03"}, "fixed_day_wrong"),
    ],
)
def test_a_fixing_that_cannot_be_is_told_before_it_is_filed(walk: Walk, over: dict[str, Any], code: str) -> None:
    right = reading.view(testing.recorded(walk.office, payload={**testing.TERMS, "maximum": True})).brief.right
    with pytest.raises(Refused) as no:
        testing.consented(walk.office, "f1", **fixing(right, **over))
    assert (no.value.code, no.value.status) == (code, 422)


def test_a_claim_is_cancelled_by_its_buyer_s_own_word(walk: Walk) -> None:
    walk.open_land()
    walk.survey(titles.SurveyStage.PREDICTED, 10_000, 12_000)
    (notice,) = walk.presell().certificates
    payload = {"claim": SALE["contract_no"]}
    walk.take("claim.cancel", walk.buyer, (UNIT,), BUYER, payload=payload, papers=("cancellation_agreement",))
    assert titles.rights_on(REGION, [UNIT]) == []
    found = papers.by_number(notice.number)
    assert found is not None
    assert found.standing is Standing.REVOKED
