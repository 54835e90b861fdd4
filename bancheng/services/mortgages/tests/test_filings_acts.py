"""Acts on mortgages from the bank's desk, each to its recording: what the book says afterwards, and which proof is worth what (F13.5, F13.6, F13.10)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing as offices
from bancheng.kernel.titles import public as titles
from bancheng.services.mortgages import following
from bancheng.services.mortgages.models import Bundle, Filing
from bancheng.services.mortgages.tests import towns
from bancheng.services.mortgages.tests.desks import HOME, PARCEL, WHERE, Desk, record
from bancheng.services.mortgages.tests.towns import BANK, OTHER_BANK

REGION = "411000"
SECOND, THIRD = f"{PARCEL}F00010002", f"{PARCEL}F00010003"
DEVELOPER = {"role1": "mortgagor", "name1": "样例置业有限公司", "number1": offices.DEVELOPER_USCC}
RISING = "411025099001GB00088"  # a parcel whose building is sold before it stands
RISING_HOME = f"{RISING}F00010001"


def proof_of(made: Filing) -> registrations.CertificateView:
    assert made.application
    (found,) = registrations.certificates_of([made.application])
    return found


def standing(proof: registrations.CertificateView) -> registrations.Standing:
    found = registrations.certificate(proof.number)
    assert found
    return found.standing


def said(proof: registrations.CertificateView) -> str:
    found = registrations.certificate(proof.number, open_said=True)
    assert found
    return str(found.said)


def the_right(lot: str = HOME) -> titles.RightView:
    (found,) = titles.rights_on(REGION, [lot])
    return titles.right(REGION, found.right)


def held(desk: Desk, who: Any = None) -> str:
    return (who or desk.clerk).get(f"{WHERE}held/").content.decode().split("<main")[1]


def act(proof: registrations.CertificateView, kind: str, **over: Any) -> dict[str, Any]:
    """Return what a clerk types for an act on a mortgage: its proof's number, and nothing the book knows."""
    blank = dict.fromkeys(("lot", "version", "principal", "first", "last", "rate", "area", "location", "scope"), "")
    return blank | {"kind": f"mortgage.{kind}", "right": proof.number, "loan_no": f"借2026-001-{kind}"} | over


def test_a_change_is_recorded_with_a_new_proof_and_the_rank_stays(desk: Desk) -> None:
    """F13.10, 民法典 第四百零九条: principal, end of the term and the limit on transfer; the owner agrees himself."""
    first = proof_of(desk.recorded())
    before = the_right()
    form = desk.clerk.get(f"{WHERE}new/?kind=mortgage.change&right={before.number}").content.decode()
    assert "禁止或者限制转让的约定" in form
    assert 'name="first"' not in form  # the book does not change it
    until = clocks.today() + timedelta(days=3650)
    made = desk.filed(**act(first, "change", principal="500000.00", last=until.isoformat(), restricted="yes"))
    assert made.application
    (asked,) = registrations.view(made.application).waiting_for
    assert asked.role == registrations.Role.MORTGAGOR
    assert the_right() == before  # nothing has effect before it is recorded
    registrations.consent(application_id=made.application, by=desk.office.owner, channel="app", at=clocks.now())
    record(desk.office, made.application)
    after = the_right()
    assert (after.amount_fen, after.until, after.transfer_restricted) == (50_000_000, until, True)
    assert (after.number, after.priority_at, after.lots[0].rank) == (before.number, before.priority_at, 1)
    assert standing(first) is registrations.Standing.REPLACED
    second = proof_of(made)
    assert standing(second) is registrations.Standing.ISSUED
    assert "500000.00" in said(second)
    assert second.number in held(desk)
    assert first.number not in held(desk)


def test_a_change_that_changes_nothing_and_a_fixing_without_its_case_are_not_kept(desk: Desk) -> None:
    proof = proof_of(desk.recorded())
    for kind, more, words in (
        ("change", {}, "至少一项"),
        ("fix", {"principal": "1.00"}, "债权确定的事由"),
        ("fix", {"reason": "约定的债权确定期间届满", "principal": ""}, "请填写确定的债权额"),
    ):
        answer = desk.clerk.post(f"{WHERE}new/", desk.form(**act(proof, kind, **more)))
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert Filing.objects.count() == 1


def test_a_claim_goes_to_another_bank_that_agrees_at_its_own_desk(desk: Desk) -> None:
    """F13.10, 民法典 第四百零七条: rank and day stay; the proof is the new bank's, the old one's is worth nothing."""
    first = proof_of(desk.recorded())
    before = the_right()
    made = desk.filed(**act(first, "transfer", to_bank=OTHER_BANK, reason="债权转让协议1号"))
    assert made.application
    assert [each.unit for each in registrations.view(made.application).waiting_for] == [OTHER_BANK]
    taker = desk.town.client("bank_approver", OTHER_BANK)
    assert taker.post(f"/registry/asks/{made.application}/agree/").status_code == 302
    record(desk.office, made.application)
    after = the_right()
    assert after.party
    assert (after.party.unit, after.priority_at, after.lots[0].rank) == (OTHER_BANK, before.priority_at, 1)
    assert after.detail["assignment"] == "债权转让协议1号"
    assert standing(first) is registrations.Standing.REPLACED
    second = proof_of(made)
    assert second.unit == OTHER_BANK
    assert second.number in held(desk, taker)
    assert taker.get(f"{WHERE}held/{second.id}.pdf").content.startswith(b"%PDF")
    page = desk.clerk.get(f"{WHERE}{made.pk}/").content.decode()
    assert second.number not in page  # what it proves is another bank's now
    assert desk.clerk.get(f"{WHERE}{made.pk}/proofs/{second.id}.pdf").status_code == 404
    assert desk.clerk.get(f"{WHERE}held/{second.id}.pdf").status_code == 404
    assert before.number not in held(desk)


def test_a_bank_that_does_not_take_the_claim_over_ends_it_with_its_reason(desk: Desk) -> None:
    first = proof_of(desk.recorded())
    made = desk.filed(**act(first, "transfer", to_bank=OTHER_BANK, reason="债权转让协议1号"))
    assert made.application
    taker = desk.town.client("bank_approver", OTHER_BANK)
    assert taker.post(f"/registry/asks/{made.application}/decline/", {"reason": "价款未付"}).status_code == 302
    assert registrations.view(made.application).state is registrations.State.WITHDRAWN
    party = the_right().party
    assert party
    assert party.unit == BANK
    assert standing(first) is registrations.Standing.ISSUED


def test_an_enterprise_s_homes_are_mortgaged_and_let_go_one_by_one(desk: Desk) -> None:
    """§8.4, F13.10: the rest keeps rank and day and gets a new proof; when nothing is left there is nothing to prove."""
    developer = offices.developer()
    owned = replace(desk, office=replace(desk.office, owner=developer))
    terms = {"principal": "900000.00", "area": "", "location": "襄城县样例路1号"}
    made = owned.recorded(lot=f"{SECOND}，{THIRD}", **terms, **DEVELOPER)
    first, before = proof_of(made), the_right(SECOND)
    assert {each.lot for each in before.lots if each.open} == {SECOND, THIRD}
    form = desk.clerk.get(f"{WHERE}new/?kind=mortgage.release&right={before.number}").content.decode()
    assert "要解押的" in form
    release = owned.recorded(**act(first, "release", lot=titles.spaced(SECOND), principal="400000.00"))
    after = the_right(THIRD)
    assert titles.rights_on(REGION, [SECOND]) == []
    assert (after.number, after.priority_at, after.lots[-1].rank) == (before.number, before.priority_at, 1)
    assert after.amount_fen == 40_000_000
    second = proof_of(release)
    assert (standing(first), standing(second)) == (registrations.Standing.REPLACED, registrations.Standing.ISSUED)
    assert second.lots == (THIRD,)
    last = owned.recorded(**act(second, "release", lot=THIRD, loan_no="借2026-001-release2"))
    assert last.application
    assert registrations.certificates_of([last.application]) == []
    assert standing(second) is registrations.Standing.REVOKED
    assert titles.rights_on(REGION, [THIRD]) == []


def test_what_the_mortgage_does_not_cover_is_not_let_go(desk: Desk) -> None:
    first = proof_of(desk.recorded())
    made = desk.draft(**act(first, "release", lot=SECOND))
    assert "没有抵押不动产单元" in desk.clerk.get(f"{WHERE}{made.pk}/").content.decode()
    assert desk.approver.post(f"{WHERE}{made.pk}/submit/").status_code == 422
    assert the_right().state == titles.State.EFFECTIVE


def rising(desk: Desk) -> None:
    """Let a building rise whose first home the owner has bought, with a notice in the book."""
    titles.open_parcel(
        **offices.said("rising-open"), parcel=RISING, area_dm2=100_000, use="城镇住宅用地", term_until=None,
        holder=titles.sole(titles.organisation("样例置业有限公司", offices.DEVELOPER_USCC)),
    )  # fmt: skip
    survey("predicted", 10_000, 12_000)
    titles.open_claim(
        **offices.said("rising-claim"), lot=RISING_HOME, buyer=titles.sole(titles.person("王芳", desk.office.owner_id)),
        number="YS-2026-1", noticed=True, permit="豫许房预字1号",
    )  # fmt: skip


def survey(stage: str, *areas: int) -> None:
    units = [titles.UnitArea(f"{RISING}F0001000{n}", area) for n, area in enumerate(areas, 1)]
    titles.accept_survey(
        **offices.said(f"rising-{stage}"), building=f"{RISING}F0001", stage=titles.SurveyStage(stage), units=units, approval="测绘",
    )  # fmt: skip
    titles.quantify(**offices.said(f"rising-{stage}-plan"), parcel=RISING, approval="计划表")


def test_a_pre_mortgage_becomes_a_mortgage_with_its_day_and_the_bank_fetches_the_new_proof(desk: Desk) -> None:
    """F13.10, 担保解释 第五十二条: filed before the home stands; at the buyer's registration it is a mortgage of that day."""
    rising(desk)
    asked = {"code": RISING_HOME, "purpose": "预售按揭", "kind": "mortgage.pre", "authorised": "yes"}
    assert "可以申报" in desk.clerk.post("/mortgages/quote/", asked).content.decode()
    version = titles.parcel(REGION, RISING).version
    made = desk.recorded(kind="mortgage.pre", lot=RISING_HOME, version=version, area="", loan_no="借2026-预1")
    first = proof_of(made)
    assert "预告登记" in said(first)
    assert "预告" in held(desk)
    rights = {each.kind: each for each in titles.rights_on(REGION, [RISING_HOME])}
    before = titles.right(REGION, rights[titles.RightKind.PRE_MORTGAGE].right)
    survey("measured", 10_010, 11_990)
    titles.first_register(**offices.said("rising-first"), building=f"{RISING}F0001", acceptance="竣工备案1号")
    delivered(desk)
    after = the_right(RISING_HOME)
    assert (after.kind, after.number) == (titles.RightKind.MORTGAGE, before.number)
    assert (after.priority_at, after.amount_fen) == (before.priority_at, 60_000_000)
    assert standing(first) is registrations.Standing.REPLACED
    second = registrations.of_right(after.number, region=REGION)
    assert second
    assert second.number in held(desk)
    assert "预告" not in held(desk)
    assert desk.clerk.get(f"{WHERE}held/{second.id}.pdf").content.startswith(b"%PDF")
    desk.recorded(**act(second, "cancel", loan_no="借2026-预1还清"))
    assert titles.rights_on(REGION, [RISING_HOME]) == []


def delivered(desk: Desk) -> None:
    """Let the office record the home's transfer to its buyer, by the claim."""
    developer, now = offices.developer(), clocks.now()
    seller = registrations.Party(registrations.Role.SELLER, "organisation", "样例置业有限公司", offices.DEVELOPER_USCC)
    buyer = registrations.Party(registrations.Role.BUYER, "person", "王芳", desk.office.owner_id)
    filed = registrations.file(
        region=REGION, kind="transfer", key="rising-transfer", channel="one_window", by=developer, parties=[seller, buyer],
        lots=[RISING_HOME], payload={"claim": "YS-2026-1", "contract_no": "XS-1"},
        papers=offices.papers("sale_contract", "tax_receipt"), at=now,
    )  # fmt: skip
    registrations.consent(application_id=filed.id, by=desk.office.owner, channel="app", at=now)
    record(desk.office, filed.id)


def test_a_maximum_amount_mortgage_is_fixed_once_by_its_case(desk: Desk) -> None:
    """民法典 第四百二十条, 第四百二十三条: in the book as what it is; fixed with the owner's yes, even when the agreement ran out."""
    first = proof_of(desk.recorded(maximum="yes"))
    before = the_right()
    assert (before.form, before.fixed_at) == (titles.Form.MAXIMUM, None)
    assert "最高额抵押" in said(first)
    assert "mortgage.fix" in held(desk)
    form = desk.clerk.get(f"{WHERE}new/?kind=mortgage.fix&right={before.number}").content.decode()
    assert "债权确定的事由" in form
    assert 'name="name1"' in form
    assert 'name="fixed_on"' in form
    towns.without_agreements()
    today = clocks.today()
    made = desk.recorded(
        **act(first, "fix", reason="约定的债权确定期间届满", principal="512345.67", fixed_on=str(today))
    )
    after = the_right()
    assert after.fixed_at
    assert (after.fixed_fen, after.fixed_on, after.amount_fen) == (51_234_567, today, before.amount_fen)
    assert after.detail["fixed_by"] == "约定的债权确定期间届满"
    assert "最高债权额：600000.00元" in said(proof_of(made))
    assert "确定的债权额：512345.67元" in said(proof_of(made))
    page = desk.clerk.get(f"{WHERE}{made.pk}/").content.decode()
    assert "确定的债权额" in page
    assert "债权确定日" in page
    assert standing(first) is registrations.Standing.REPLACED
    assert standing(proof_of(made)) is registrations.Standing.ISSUED
    assert "债权已确定" in held(desk)
    assert "mortgage.fix" not in held(desk)
    following.open_bundle(application=str(made.application), at=clocks.now())
    assert "最高额抵押权确定" in desk.town.client("bank_archivist").get("/mortgages/archive/").content.decode()
    assert Bundle.objects.get().kind == "mortgage.fix"
    more = {"principal": "1.00", "fixed_on": str(today), "loan_no": "借2026-001-fix2"}
    again = desk.draft(**act(first, "fix", reason="再次确定", **more))
    assert desk.approver.post(f"{WHERE}{again.pk}/submit/").status_code == 409
    assert "已经确定" in desk.clerk.get(f"{WHERE}{again.pk}/").content.decode()


def test_an_ordinary_mortgage_cannot_be_fixed(desk: Desk) -> None:
    first = proof_of(desk.recorded())
    assert "mortgage.fix" not in held(desk)
    made = desk.draft(**act(first, "fix", reason="约定的债权确定期间届满", principal="1.00"))
    assert desk.approver.post(f"{WHERE}{made.pk}/submit/").status_code == 422
    assert "不是最高额抵押权" in desk.clerk.get(f"{WHERE}{made.pk}/").content.decode()
    assert the_right().fixed_at is None


def test_a_maximum_amount_mortgage_is_fixed_by_the_court_s_seizure_and_the_desk_shows_it(desk: Desk) -> None:
    """民法典 第四百二十三条: a seizure the bank hears of fixes what is owed."""
    desk.recorded(maximum="yes")
    titles.register_seizure(
        **offices.said("seized", at=clocks.now()), parcel=PARCEL, number="（2026）豫10执保12号", served_at=clocks.now(),
        court=titles.unit_party(titles.PartyKind.COURT, "city-court", "许昌市中级人民法院"), lots=[HOME],
        debtor=titles.person("王芳", desk.office.owner_id), until=clocks.today() + timedelta(days=365),
        scope=titles.Scope.EXPLICIT,
    )  # fmt: skip
    rights = {one.kind: one.right for one in titles.rights_on(REGION, [HOME])}
    after = titles.right(REGION, rights[titles.RightKind.MORTGAGE])
    assert (after.fixed_on, after.fixed_fen) == (clocks.today(), None)
    for words in ("债权已确定", "确定额待报", "mortgage.fix"):
        assert words in held(desk)
