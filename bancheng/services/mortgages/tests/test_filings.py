"""The bank's desk, from the quote to the proof and the payoff: over the real office and the real book."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents.testing import pdf
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing as offices
from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages import claims, figures, following
from bancheng.services.mortgages.models import Bundle, Complaint, Filing, Tracked
from bancheng.services.mortgages.operations import custody
from bancheng.services.mortgages.queries import archive
from bancheng.services.mortgages.tests import towns
from bancheng.services.mortgages.tests.desks import HOME, PARCEL, WHERE, Desk, record
from bancheng.services.mortgages.tests.towns import BANK, OTHER_BANK, REGISTRY


def work() -> None:
    """Do what the service promised."""
    for name, do in (
        ("mortgages.tell_bank", following.tell_bank),
        ("mortgages.open_bundle", lambda application: following.open_bundle(application=application, at=clocks.now())),
    ):
        for _, args in jobs.promised(name):
            do(**args)


def test_the_book_is_asked_for_a_purpose_the_owner_authorised(desk: Desk) -> None:
    """F13.9, R13.4: holder masked, areas, what rests on it; from the book, not typed again."""
    asked = {"code": titles.spaced(HOME), "purpose": "客户申请住房贷款", "kind": "mortgage.set"}
    assert desk.clerk.post("/mortgages/quote/", asked).status_code == 422
    page = desk.clerk.post("/mortgages/quote/", asked | {"authorised": "yes"}).content.decode()
    assert "王*" in page
    assert "王芳" not in page
    assert "100.10" in page
    assert "可以申报" in page
    assert (
        "登记簿中没有"
        in desk.clerk.post("/mortgages/quote/", asked | {"code": "x", "authorised": "yes"}).content.decode()
    )
    assert desk.town.client("registry_reviewer", REGISTRY).get("/mortgages/quote/").status_code == 403


def test_what_stands_in_the_way_is_said_before_anything_is_filed(desk: Desk) -> None:
    """R13.3: a seizure, with the court's case."""
    titles.register_seizure(
        **offices.said("seized", at=clocks.now()), parcel=PARCEL, number="（2026）豫10执保12号", served_at=clocks.now(),
        court=titles.unit_party(titles.PartyKind.COURT, "city-court", "许昌市中级人民法院"), lots=[HOME],
        debtor=titles.person("王芳", desk.office.owner_id), until=clocks.today() + timedelta(days=365),
        scope=titles.Scope.EXPLICIT,
    )  # fmt: skip
    asked = {"code": HOME, "purpose": "贷款", "authorised": "yes"}
    page = desk.clerk.post("/mortgages/quote/", asked).content.decode()
    assert "不能办理" in page
    assert "豫10执保12号" in page
    made = desk.draft()
    assert "豫10执保12号" in desk.clerk.get(f"{WHERE}{made.pk}/").content.decode()
    assert desk.approver.post(f"{WHERE}{made.pk}/submit/").status_code == 409


def test_a_mortgage_goes_from_the_desk_to_the_proof(desk: Desk) -> None:
    """F13.5, F13.6, F13.10, R13.1, R13.2: prepared, filed, agreed, recorded; the proof comes to the bank."""
    made = desk.filed()
    assert made.application
    view = registrations.view(made.application)
    assert (view.state, view.brief.channel, view.brief.unit) == (registrations.State.DRAFT, "bank", BANK)
    assert titles.rights_on("411000", [HOME]) == []
    registrations.consent(application_id=made.application, by=desk.office.owner, channel="app", at=clocks.now())
    record(desk.office, made.application)
    (right,) = titles.rights_on("411000", [HOME])
    assert right.party
    assert right.party.unit == BANK
    page = desk.clerk.get(f"{WHERE}{made.pk}/").content.decode()
    (proof,) = registrations.view(made.application).certificates
    assert proof.number in page
    assert "借2026-001" in desk.approver.get(f"{WHERE}?show=filed").content.decode()
    row = Tracked.objects.get()
    assert row.recorded_at
    assert row.submitted_at
    assert row.bank == BANK


def test_who_prepares_does_not_file(desk: Desk) -> None:
    """Four eyes at the bank."""
    made = desk.draft()
    assert "1件抵押申报待您提交" in desk.approver.get("/").content.decode()
    people.grant(desk.town.account("bank_clerk"), "bank_approver", unit=BANK)
    answer = desk.clerk.post(f"{WHERE}{made.pk}/submit/")
    assert answer.status_code == 409
    assert "经办和审批应是两个人" in answer.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        Filing.objects.filter(pk=made.pk).update(filed_by=made.prepared_by)


def test_a_bank_sees_its_own_filings_only(desk: Desk) -> None:
    made = desk.draft()
    other = desk.town.client("bank_approver", OTHER_BANK)
    assert other.get(f"{WHERE}{made.pk}/").status_code == 404
    assert other.post(f"{WHERE}{made.pk}/submit/").status_code == 404
    assert "借2026-001" not in other.get(WHERE).content.decode()
    assert desk.town.client("bank_archivist").get(WHERE).status_code == 403


def test_names_and_numbers_stand_sealed_in_a_draft(desk: Desk) -> None:
    made = desk.draft()
    assert "王芳".encode() not in bytes(made.parties_sealed)
    assert desk.office.owner_id not in str(made.terms)


def test_without_the_declaration_nothing_is_kept(desk: Desk) -> None:
    """R13.9: no other service is a condition."""
    answer = desk.clerk.post(f"{WHERE}new/", desk.form(no_conditions=""))
    assert answer.status_code == 422
    assert "搭售" in answer.content.decode()
    assert "借2026-001" in answer.content.decode()
    assert Filing.objects.count() == 0


def test_the_book_is_asked_before_anything_new_is_prepared(desk: Desk) -> None:
    """R13.4, F13.9: and `prove` sees whether it was."""
    answer = desk.clerk.post(f"{WHERE}new/", desk.form(version=""))
    assert answer.status_code == 422
    assert "请先查询登记簿" in answer.content.decode()
    desk.filed()
    assert claims.CLAIMS["F13.9"]().number == 0
    desk.clerk.post("/mortgages/quote/", {"code": HOME, "purpose": "贷款", "authorised": "yes"})
    Tracked.objects.update(filed_at=clocks.now())
    assert claims.CLAIMS["F13.9"]().number == 1


def test_the_checks_tell_all_at_once_before_it_is_filed(desk: Desk) -> None:
    """B13.3, B13.4, B13.6: a spouse missing, an area that is not the book's, a term that cannot be."""
    made = desk.draft(married1="yes", area="88.00", last="2020-01-01")
    page = desk.approver.get(f"{WHERE}{made.pk}/").content.decode()
    for words in ("缺少配偶", "与登记簿100.10㎡不一致", "债务履行期限不合理"):
        assert words in page
    assert desk.approver.post(f"{WHERE}{made.pk}/submit/").status_code == 422
    made.refresh_from_db()
    assert made.stage == "draft"


@pytest.mark.parametrize(("over", "code"), [({"principal": "60万"}, "金额请填元"), ({"principal": "0.001"}, "金额请填元"), ({"area": "1e3.5"}, "面积请填平方米")])  # fmt: skip
def test_amounts_and_areas_are_exact_or_nothing(desk: Desk, over: dict[str, str], code: str) -> None:
    """B13.6, B7.8."""
    answer = desk.clerk.post(f"{WHERE}new/", desk.form(**over))
    assert answer.status_code == 422
    assert code in answer.content.decode()


def test_the_bank_s_tablet_does_not_agree_for_the_owner(desk: Desk) -> None:
    """B13.2, R13.1: only his own account does."""
    made = desk.filed()
    assert made.application
    with pytest.raises(Refused) as no:
        registrations.consent(
            application_id=made.application, by=desk.town.actor("bank_clerk"), channel="bank", at=clocks.now()
        )
    assert no.value.code == "own_account_only"


def test_the_same_thing_filed_twice_is_one_case(desk: Desk) -> None:
    """B13.1, F13.11."""
    first, second = desk.filed(), desk.filed()
    assert first.application == second.application
    assert Tracked.objects.count() == 1


def test_an_expired_agreement_closes_the_desk_for_what_is_new_and_lets_a_payoff_go(desk: Desk) -> None:
    """B13.9, F13.7."""
    made, mortgage = desk.draft(loan_no="借2026-009"), desk.recorded()
    (right,) = titles.rights_on("411000", [HOME])
    towns.without_agreements()
    assert desk.clerk.post(f"{WHERE}new/", desk.form()).status_code == 409
    answer = desk.approver.post(f"{WHERE}{made.pk}/submit/")
    assert answer.status_code == 409
    assert "暂停新的申报" in answer.content.decode()
    assert mortgage.application
    desk.recorded(kind="mortgage.cancel", lot="", right=right.right, loan_no="借2026-001还清")
    assert titles.rights_on("411000", [HOME]) == []


def test_a_paid_loan_is_cancelled_the_same_day_without_another_consent(desk: Desk) -> None:
    """F13.10, R13.6: promised same day; R13.8: the proof is void at once."""
    made = desk.recorded()
    assert made.application
    (proof,) = registrations.certificates_of([made.application])
    page = desk.clerk.get(f"{WHERE}held/").content.decode()
    assert "还清注销" in page
    desk.recorded(kind="mortgage.cancel", lot="", right=proof.number, loan_no="借2026-001还清")
    assert titles.rights_on("411000", [HOME]) == []
    ended = registrations.certificate(proof.number)
    assert ended
    assert ended.standing is not registrations.Standing.ISSUED
    board = figures.board("411000")
    assert (board.cancelled, board.same_day, board.total.filed) == (1, 1, 2)


def test_another_bank_does_not_cancel_it(desk: Desk) -> None:
    """B13.7."""
    desk.recorded()
    (right,) = titles.rights_on("411000", [HOME])
    other, approver = desk.town.client("bank_clerk", OTHER_BANK), desk.town.client("bank_approver", OTHER_BANK)
    form = desk.form(kind="mortgage.cancel", lot="", right=right.right)
    assert other.post(f"{WHERE}new/", form).status_code == 302
    made = Filing.objects.get(bank=OTHER_BANK)
    answer = approver.post(f"{WHERE}{made.pk}/submit/")
    assert answer.status_code in (403, 422)
    assert "不是申请的这家银行" in answer.content.decode()


def test_a_second_bank_comes_in_the_second_rank(desk: Desk) -> None:
    """民法典 第四百一十四条: rank by recording."""
    desk.recorded()
    desk.clerk, desk.approver = (
        desk.town.client("bank_clerk", OTHER_BANK),
        desk.town.client("bank_approver", OTHER_BANK),
    )
    desk.recorded(loan_no="工2026-1")
    assert [(one.rank, one.party.unit) for one in titles.rights_on("411000", [HOME]) if one.party] == [
        (1, BANK),
        (2, OTHER_BANK),
    ]


def test_the_limit_on_transfer_is_recorded(desk: Desk) -> None:
    """R13.5: 民法典 第四百零六条."""
    desk.recorded(restricted="yes")
    (one,) = titles.rights_on("411000", [HOME])
    assert titles.right("411000", one.right).transfer_restricted


def test_a_correction_is_asked_told_and_answered(desk: Desk) -> None:
    """F13.6: one complete list; the bank answers with a paper."""
    made = desk.filed()
    assert made.application
    registrations.consent(application_id=made.application, by=desk.office.owner, channel="app", at=clocks.now())
    registrations.ask_corrections(
        application_id=made.application,
        items=["抵押合同缺第2页"],
        law="不动产登记暂行条例 第十七条",
        by=desk.office.acceptor,
        at=clocks.now(),
    )
    work()
    page = desk.clerk.get(f"{WHERE}{made.pk}/").content.decode()
    assert "抵押合同缺第2页" in page
    assert "待补正" in desk.clerk.get(f"{WHERE}?show=filed").content.decode()
    sent = {"material": "mortgage_contract", "file": SimpleUploadedFile("2.pdf", pdf(1, text="page two"))}
    assert desk.clerk.post(f"{WHERE}{made.pk}/supplement/", sent).status_code == 302
    assert registrations.view(made.application).state is registrations.State.SUBMITTED
    assert figures.board("411000").total.correction_rate == 1


def test_what_the_office_decides_comes_as_a_sealed_letter_to_the_bank_that_filed(desk: Desk) -> None:
    """条例 第十七条: the bank's desk shows and downloads it; to another bank it is not there."""
    made = desk.filed()
    now = clocks.now()
    assert made.application
    registrations.consent(application_id=made.application, by=desk.office.owner, channel="app", at=now)
    registrations.ask_corrections(
        application_id=made.application, items=["合同缺第3页"], law="", by=desk.office.acceptor, at=now
    )
    page = desk.clerk.get(f"{WHERE}{made.pk}/").content.decode()
    assert "正在制作并盖章" in page
    assert "补正期限" in page
    letter = offices.written(made.application, at=now)
    address = f"{WHERE}{made.pk}/letters/{letter.id}.pdf"
    assert address in desk.clerk.get(f"{WHERE}{made.pk}/").content.decode()
    files = {desk.clerk.get(address).content, desk.approver.get(address).content}
    assert len(files) == 1
    assert files.pop().startswith(b"%PDF")
    assert desk.town.client("bank_clerk", OTHER_BANK).get(address).status_code == 404
    draft = desk.draft(loan_no="借2026-002", lot=f"{PARCEL}F00010001")
    assert desk.clerk.get(f"{WHERE}{draft.pk}/letters/{letter.id}.pdf").status_code == 404


def test_a_filing_is_withdrawn_until_it_is_recorded(desk: Desk) -> None:
    """R13.1: 条例 第十五条."""
    made = desk.filed()
    assert desk.clerk.post(f"{WHERE}{made.pk}/withdraw/", {"reason": " "}).status_code == 422
    assert desk.clerk.post(f"{WHERE}{made.pk}/withdraw/", {"reason": "客户取消贷款"}).status_code == 302
    assert made.application
    assert registrations.view(made.application).state is registrations.State.WITHDRAWN
    done = desk.recorded(loan_no="借2026-002")
    assert desk.clerk.post(f"{WHERE}{done.pk}/withdraw/", {"reason": "再撤"}).status_code == 409


def test_a_draft_is_dropped_with_its_papers_and_no_more_filed(desk: Desk) -> None:
    made = desk.draft()
    assert desk.clerk.post(f"{WHERE}{made.pk}/drop/").status_code == 302
    assert desk.approver.post(f"{WHERE}{made.pk}/submit/").status_code == 409


def test_a_recording_owes_a_bundle_with_the_papers_that_were_filed(desk: Desk) -> None:
    """F13.8, R13.7: every recorded mortgage has a list, and in time a keeper."""
    made = desk.recorded()
    work()
    found = Bundle.objects.get()
    assert (found.bank, found.registry, found.number, found.pages) == (BANK, REGISTRY, made.number, 6)
    assert [len(one.sm3) for one in archive.listed(found)] == [64, 64]
    custody.file_away(
        bundle_id=found.pk, box="A1", shelf="1", pages=6, by=desk.town.actor("bank_archivist"), at=clocks.now()
    )
    assert list(archive.verify()) == []
    assert claims.CLAIMS["F13.8"]().number == 1


def test_an_owner_sees_it_and_complains_and_the_bank_is_not_told_who(desk: Desk) -> None:
    """R13.9."""
    made = desk.filed()
    owner, officer = people.client_for(desk.office.owner_user), desk.town.client("service_officer", REGISTRY)
    page = owner.get("/mortgages/mine/").content.decode()
    assert made.number in page
    where = f"/mortgages/mine/{made.application}/complain/"
    stranger = people.client_for(people.citizen("钱二", serial=72))
    assert stranger.post(where, {"words": "冒名"}).status_code == 404
    assert owner.post(where, {"words": " "}).status_code == 422
    assert owner.post(where, {"words": "要求购买保险才放款"}).status_code == 302
    listed = officer.get("/mortgages/complaints/").content.decode()
    assert "要求购买保险才放款" in listed
    assert "王芳" not in listed
    assert desk.clerk.get("/mortgages/complaints/").status_code == 403
    complaint = Complaint.objects.get().pk
    assert (
        officer.post(f"/mortgages/complaints/{complaint}/answer/", {"upheld": "yes", "words": "已责令改正"}).status_code
        == 302
    )
    assert "已责令改正" in owner.get("/mortgages/mine/").content.decode()
    assert officer.post(f"/mortgages/complaints/{complaint}/answer/", {"upheld": "no", "words": "x"}).status_code == 409


def test_the_board_counts_by_bank_channel_and_kind_and_a_bank_sees_its_own(desk: Desk) -> None:
    """A13.1, A13.2: the county's board and the bank's."""
    desk.recorded()
    board = figures.board("411000")
    assert [(line.name.zh, line.filed) for line in board.channels] == [("银行服务网点", 1)]
    assert board.total.recorded == 1
    assert board.median_minutes is not None
    assert figures.board("411000", [OTHER_BANK]).total.filed == 0
    page = desk.town.client("registry_reviewer", REGISTRY).get("/mortgages/board/").content.decode()
    assert "中国银行襄城支行" in page
    assert (
        "中国银行襄城支行"
        not in desk.town.client("bank_clerk", OTHER_BANK)
        .get("/mortgages/board/")
        .content.decode()
        .split("<main")[1]
        .split("网点")[0]
    )
    assert "抵押权设立,1" in desk.clerk.get("/mortgages/board.csv").content.decode()
