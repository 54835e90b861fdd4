"""Certificates: numbers without gaps, allotted after recording; sealed files that are the same for ever; ended ones fail at once."""

import pytest
from django.db import IntegrityError, transaction

from bancheng.kernel.clocks import testing as heard_clocks
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.registrations import facts, testing
from bancheng.kernel.registrations.facts import Party, What
from bancheng.kernel.registrations.models import Certificate, CertificateFile, Line, Series, Wanted
from bancheng.kernel.registrations.operations import booking, certifying, consenting, filing, handling, sealing
from bancheng.kernel.registrations.queries import papers, reading
from bancheng.kernel.registrations.rules.kinds import Role
from bancheng.kernel.registrations.rules.words import Standing, State
from bancheng.kernel.registrations.testing import AT, HOME, REGION, REGISTRY, SECOND, Office, certified, later, recorded
from bancheng.kernel.titles import public as titles

pytestmark = pytest.mark.django_db
FIRST = "豫(2026)襄城县不动产证明第0000001号"


def test_recording_only_notes_what_is_wanted_and_a_job_gives_the_number(office: Office) -> None:
    """Decision 0030: no counter without gaps inside the recording transaction."""
    made = recorded(office)
    assert not Certificate.objects.exists()
    assert not Series.objects.exists()
    assert Wanted.objects.count() == 1
    ((_, args),) = jobs.promised("registrations.certify")
    with heard_clocks.heard(facts.happened) as heard:
        assert certifying.certify(**args, at=AT) == 1
    assert certifying.certify(**args, at=AT) == 0  # run again it makes nothing
    (one,) = papers.of_applications([made])
    assert one.number == FIRST
    assert [(fact.what, fact.detail["certificates"]) for fact in heard] == [(What.CERTIFIED, [FIRST])]
    assert reading.view(made).state is State.CERTIFIED


def test_nobody_looks_through_all_certificates_for_those_that_wait(office: Office) -> None:
    """Up to where all have their files is noted with the series; one that has none yet holds it back and is made later."""
    recorded(office)
    (seal,) = jobs.promised("registrations.certify")
    wanted = Wanted.objects.get()
    for place in range(2, 6):
        certifying.certify(**seal[1], at=AT)
        wanted.pk, wanted.seq, wanted.subject = None, place, f"right:{place}"
        wanted.save(force_insert=True)
    certifying.allot(region=REGION, registry=REGISTRY, at=AT)
    assert [(one.last, one.made) for one in Series.objects.all()] == [(5, 4)]
    wanted.pk, wanted.seq, wanted.subject = None, 6, "right:6"
    wanted.save(force_insert=True)
    certifying.allot(region=REGION, registry=REGISTRY, at=AT)
    assert [(one.last, one.made) for one in Series.objects.all()] == [(6, 4)]
    assert certifying.certify(**seal[1], at=AT) == 2
    assert set(Certificate.objects.values_list("seq", flat=True)) == set(
        CertificateFile.objects.values_list("certificate__seq", flat=True)
    )


def test_who_comes_second_to_a_batch_that_is_made_meanwhile_finds_nothing_to_do(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(office)
    lock = sealing.series

    def made_meanwhile(**named: object) -> Series:
        monkeypatch.setattr(sealing, "series", lock)
        assert certifying.certify(region=REGION, registry=REGISTRY, at=AT) == 1
        return lock(**named)  # type: ignore[arg-type]

    monkeypatch.setattr(sealing, "series", made_meanwhile)
    assert certifying.allot(region=REGION, registry=REGISTRY, at=AT) == 0
    assert [(one.last, one.made) for one in Series.objects.all()] == [(1, 1)]


def test_the_proof_has_the_fields_of_the_standard_form(office: Office) -> None:
    """F13.6, R13.5: it says who, what, where, for how much, and whether transfer is banned."""
    certified(office, payload={**testing.TERMS, "transfer_restricted": True})
    found = papers.by_number("豫（2026）襄城县不动产证明第1号", open_said=True)
    assert found is not None
    said = {zh: value for zh, _, value in found.said["rows"]}
    assert list(said) == ["证明权利或事项", "权利人（申请人）", "义务人", "坐落", "不动产单元号", "其他", "附记"]
    assert said["权利人（申请人）"] == "中国银行襄城支行"
    assert said["义务人"] == "王芳"
    assert titles.spaced(HOME) in said["不动产单元号"]
    for part in ("600000.00元", "抵押顺位：1", "限制转让的约定：是"):
        assert part in said["其他"]


def test_the_file_is_the_same_to_the_byte_each_time_and_anybody_can_check_it(office: Office) -> None:
    """R13.8: by number, by code, by the file itself; altered by one byte it is none."""
    made = certified(office)
    (one,) = papers.of_applications([made])
    _, data = papers.fetch(one.id, by="staff:1", at=AT)
    _, again = papers.fetch(one.id, by="staff:1", at=later(days=400))
    assert data == again
    found = papers.examine(data)
    assert found is not None
    assert found.holds
    altered = papers.examine(data + b"\n")
    assert altered is not None
    assert not altered.same
    assert not altered.holds
    assert papers.examine(b"%PDF-1.7 something else") is None
    by_code = papers.by_code(one.code)
    assert by_code is not None
    assert by_code.number == FIRST


def test_a_cancelled_mortgage_s_proof_fails_in_the_instant_it_is_recorded(office: Office) -> None:
    """R13.8, F13.10"""
    made = certified(office)
    right = reading.view(made).brief.right
    cancel = testing.filed(
        office,
        "c1",
        kind="mortgage.cancel",
        parties=(testing.bank_party(),),
        lots=(),
        payload={"right": right},
        papers=testing.papers("release_statement"),
    )
    handling.accept(application_id=cancel.id, by=office.acceptor, at=AT)
    handling.review(application_id=cancel.id, by=office.reviewer, at=AT)
    with heard_clocks.heard(facts.happened) as heard:
        booking.book_in(application_id=cancel.id, by=office.booker, at=later(hours=1))
    found = papers.by_number(FIRST)
    assert found is not None
    assert (found.standing, found.ended_at) == (Standing.REVOKED, later(hours=1))
    assert What.CERTIFICATE_ENDED in [fact.what for fact in heard]
    assert not Wanted.objects.exists()


def test_a_changed_mortgage_has_a_new_proof_and_the_old_one_is_replaced(office: Office) -> None:
    """F7.8: change registration; one mortgage has one valid proof."""
    right = reading.view(certified(office)).brief.right
    change = testing.consented(
        office,
        "c1",
        kind="mortgage.change",
        payload={"right": right, "principal_fen": 50_000_000, "reason": "归还部分本金"},
        papers=testing.papers("change_agreement"),
    )
    handling.accept(application_id=change, by=office.acceptor, at=AT)
    handling.review(application_id=change, by=office.reviewer, at=AT)
    booking.book_in(application_id=change, by=office.booker, at=AT)
    old = papers.by_number(FIRST)
    assert old is not None
    assert old.standing is Standing.REPLACED
    certifying.certify(region=REGION, registry=REGISTRY, at=AT)
    new = papers.of_right(right, region=REGION)
    assert new is not None
    assert new.number == "豫(2026)襄城县不动产证明第0000002号"
    assert "500000.00元" in str(new.said)
    assert papers.right_of(new.number) == right


def test_a_sold_home_has_a_title_with_house_and_share_in_one(office: Office) -> None:
    """F7.6, R7.2: 房地一体; numbers of titles and proofs are two series."""
    certified(office)
    buyer = people.citizen("李四", serial=74)
    seller = Party(Role.SELLER, "organisation", "样例置业有限公司", testing.DEVELOPER_USCC)
    asked = testing.request(
        office,
        kind="transfer",
        channel="window",
        acting_for_unit=REGISTRY,
        lots=(SECOND,),
        parties=(seller, Party(Role.BUYER, "person", "李四", people.citizen_id(74))),
        payload={"contract_no": "HT-2", "price_fen": 90_000_000, "location": "样例路1号2室"},
        papers=testing.papers("sale_contract", "tax_receipt"),
        loan_no="",
    )
    made = filing.file(asked, key="t1", by=office.acceptor, at=AT)
    assert len(reading.view(made.id).waiting_for) == 2
    consenting.consent(application_id=made.id, by=people.actor(buyer), channel="app", at=AT)
    consenting.consent(application_id=made.id, by=testing.developer(), channel="one_window", at=AT)
    handling.accept(application_id=made.id, by=office.acceptor, at=AT)
    handling.review(application_id=made.id, by=office.reviewer, at=AT)
    booking.book_in(application_id=made.id, by=office.booker, at=AT)
    certifying.certify(region=REGION, registry=REGISTRY, at=AT)
    (title,) = papers.of_holders([bytes(buyer.person.citizen_id_hash)])
    assert title.number == "豫(2026)襄城县不动产权第0000001号"
    full = papers.by_id(title.id, open_said=True)
    assert full is not None
    said = {zh: value for zh, _, value in full.said["rows"]}
    assert (said["权利人"], said["共有情况"]) == ("李四", "单独所有")
    assert "11990/31020" in said["权利其他状况"]
    assert "㎡" in said["权利其他状况"]


def test_a_court_s_auction_ends_the_title_of_who_held_the_home(office: Office) -> None:
    """R13.8: what the book changes without the office ends certificates, too."""
    made = certified(office)
    testing.seized(at=later(hours=1), found=office)
    buyer = titles.sole(titles.person("赵六", people.citizen_id(75)))
    titles.exhaust_seizure(
        **testing.said("auction", at=later(days=30)), number="（2026）豫10执保12号", lots=[HOME], to=buyer
    )
    (proof,) = papers.of_applications([made])
    assert proof.standing is Standing.REVOKED  # the mortgage was paid off by the court's sale


def test_numbers_have_no_gaps_even_where_a_file_could_not_be_made(office: Office) -> None:
    made = recorded(office)
    certifying.allot(region=REGION, registry=REGISTRY, at=AT)
    assert not CertificateFile.objects.exists()  # the worker died before it was sealed
    assert certifying.certify(region=REGION, registry=REGISTRY, at=later(hours=1)) == 1
    assert list(Certificate.objects.values_list("seq", flat=True)) == [1]
    assert Series.objects.get().last == 1
    assert reading.view(made).state is State.CERTIFIED


@pytest.mark.parametrize("model", [Line, Certificate, CertificateFile])
def test_the_database_refuses_to_rewrite_what_was_written(office: Office, model: type) -> None:
    """R7.11"""
    certified(office)
    change = {Line: {"by": "x"}, Certificate: {"number": "x"}, CertificateFile: {"size": 1}}[model]
    for do in (lambda: model.objects.update(**change), lambda: model.objects.all().delete()):  # type: ignore[attr-defined]
        with pytest.raises(IntegrityError, match=r"append-only|protected"), transaction.atomic():
            do()


def test_a_series_only_grows(office: Office) -> None:
    certified(office)
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        Series.objects.update(last=0)
