"""What is promised, made once, superseded, revoked, fetched."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.certificates import testing
from bancheng.kernel.certificates.models import Certificate
from bancheng.kernel.certificates.public import Standing
from bancheng.kernel.certificates.tests.conftest import AT, SOURCE
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.licences import public as licences
from bancheng.kernel.licences import testing as library
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
OWN = [library.hash_of("holder")]
LATER = AT + timedelta(days=30)
MAKE = "certificates.make"


def only() -> certificates.Certificate:
    return certificates.held_by(OWN, at=AT)[0]


def fetched(certificate: certificates.Certificate) -> bytes:
    found = certificates.fetch(certificate_id=certificate.id, hashes=OWN, by="person:1", at=AT)
    assert found is not None
    return found[1]


def test_a_licence_issued_here_is_certified_by_a_job_of_its_transaction(issue: Callable[..., int]) -> None:
    licence_id = issue()
    assert jobs.promised(MAKE) == [(MAKE, {"licence_id": licence_id})]
    jobs.run_all()
    certificate = only()
    assert certificate.standing is Standing.VALID
    assert (certificate.licence_id, certificate.number, certificate.holder_shown) == (licence_id, 1, "张*丰")
    assert certificate.sample


def test_the_job_done_twice_makes_one_certificate(issue: Callable[..., int]) -> None:
    licence_id = issue()
    first = certificates.make(licence_id=licence_id, at=AT)
    assert certificates.make(licence_id=licence_id, at=LATER) == first
    assert Certificate.objects.count() == 1


def test_a_list_that_is_taken_in_promises_nothing(issue: Callable[..., int]) -> None:
    """F10.4: 62,000 licences of a ledger are certified when their holders ask."""
    library.bulk(50, unit="market")
    library.bulk(50, unit="market", valid_to=date(2030, 1, 1), issued_on=date(2025, 1, 1))
    assert jobs.promised(MAKE) == []


def test_a_licence_of_a_list_is_certified_when_its_holder_asks_once(issue: Callable[..., int]) -> None:
    licence = library.issued(unit="market", holder_hash=OWN[0], valid_to=None)
    certificates.ask(licence_id=licence.pk, by="person:1", at=AT)
    certificates.ask(licence_id=licence.pk, by="person:1", at=AT)
    assert len(jobs.promised(MAKE)) == 1
    assert certificates.being_made(licence.pk)
    jobs.run_all()
    assert only().valid_to is None
    with pytest.raises(Refused, match="certificate_made"):
        certificates.ask(licence_id=licence.pk, by="person:1", at=AT)


def test_a_change_brings_a_new_version_and_supersedes_the_old(issue: Callable[..., int]) -> None:
    licence_id = issue()
    jobs.run_all()
    old = only()
    licences.change(licence_id=licence_id, source=SOURCE, by="staff:1", at=AT, valid_to=date(2034, 2, 28))
    assert certificates.by_code(old.code, at=AT).standing is Standing.OUTDATED  # at once, before the job
    jobs.run_all()
    assert certificates.by_code(old.code, at=AT).standing is Standing.SUPERSEDED
    new = only()
    assert (new.number, new.standing, new.valid_to) == (2, Standing.VALID, date(2034, 2, 28))
    assert certificates.by_code(old.code, at=AT).valid_to == date(2029, 2, 28)  # what it says stays what it said


def test_a_change_of_a_licence_that_has_no_certificate_promises_none(issue: Callable[..., int]) -> None:
    licence = library.issued(unit="market")
    licences.change(licence_id=licence.pk, source=SOURCE, by="staff:1", at=AT, valid_to=date(2034, 2, 28))
    assert jobs.promised(MAKE) == []


def test_a_revoked_licence_shows_at_once_though_the_file_stays_as_it_was(issue: Callable[..., int]) -> None:
    """R-E-4: a revoked licence fails even if cached."""
    licence_id = issue()
    jobs.run_all()
    certificate = only()
    before = fetched(certificate)
    licences.revoke(licence_id=licence_id, source=SOURCE, by="staff:1", at=AT)
    assert certificates.by_code(certificate.code, at=AT).standing is Standing.REVOKED
    assert fetched(certificate) == before
    found = certificates.examine(before, at=AT)
    assert found.same
    assert found.seal is not None
    assert found.seal.holds  # the seal is as good as ever; the licence is not
    assert not found.holds
    assert jobs.promised(MAKE) == []


def test_a_suspension_ends_a_certificate_and_its_end_brings_the_same_one_back(issue: Callable[..., int]) -> None:
    licence_id = issue()
    jobs.run_all()
    code = only().code
    licences.suspend(licence_id=licence_id, source=SOURCE, by="staff:1", at=AT)
    assert certificates.by_code(code, at=AT).standing is Standing.SUSPENDED
    licences.reinstate(licence_id=licence_id, source=SOURCE, by="staff:1", at=AT)
    jobs.run_all()
    assert certificates.by_code(code, at=AT).standing is Standing.VALID
    assert Certificate.objects.count() == 1


def test_a_term_that_ran_out_ends_a_certificate_before_the_night_has_marked_it(issue: Callable[..., int]) -> None:
    issue()
    jobs.run_all()
    after = AT.replace(year=2029, month=3, day=1)
    assert certificates.by_code(only().code, at=after).standing is Standing.EXPIRED


def test_nothing_is_made_of_a_licence_that_ended_before_the_job_ran(issue: Callable[..., int]) -> None:
    licence_id = issue()
    licences.cancel(licence_id=licence_id, source=SOURCE, by="staff:1", at=AT)
    jobs.run_all()
    assert Certificate.objects.count() == 0
    with pytest.raises(Refused, match="certificate_not_now"):
        certificates.ask(licence_id=licence_id, by="person:1", at=AT)


def test_a_file_fetched_twice_is_the_same_to_the_byte(issue: Callable[..., int]) -> None:
    issue()
    jobs.run_all()
    certificate = only()
    first = fetched(certificate)
    assert fetched(certificate) == first
    assert hashlib.sha256(first).digest() == certificate.file_digest
    assert len(first) == certificate.file_size


def test_a_new_field_key_seals_the_files_anew_and_they_stay_the_same(
    issue: Callable[..., int], settings: object
) -> None:
    """P-9: rotation reaches the files."""
    issue()
    jobs.run_all()
    before = fetched(only())
    settings.FIELD_KEYS = f"{'ab' * 32},{settings.FIELD_KEYS}"
    assert any(rows for column, rows in identity.rotate() if column.model == "certificates.Certificate")
    assert fetched(only()) == before


def test_another_s_certificate_does_not_exist(issue: Callable[..., int]) -> None:
    issue()
    jobs.run_all()
    stranger = [library.hash_of("stranger")]
    assert certificates.held_by(stranger, at=AT) == []
    assert certificates.fetch(certificate_id=only().id, hashes=stranger, by="person:2", at=AT) is None


def test_an_altered_file_is_told_from_a_stranger_s(issue: Callable[..., int]) -> None:
    issue()
    jobs.run_all()
    data = bytearray(fetched(only()))
    data[len(data) // 2] ^= 1
    altered = certificates.examine(bytes(data), at=AT)
    assert altered.certificate is not None
    assert (altered.same, altered.seal, altered.holds) == (False, None, False)
    strange = certificates.examine(b"%PDF-1.7 something else", at=AT)
    assert (strange.certificate, strange.same, strange.holds) == (None, False, False)


def test_the_very_file_holds(issue: Callable[..., int]) -> None:
    issue()
    jobs.run_all()
    assert certificates.examine(fetched(only()), at=AT).holds


def test_a_code_that_was_never_given_is_refused(db: None) -> None:
    for code in ("", "0" * 16, "x" * 200, "\x00"):
        with pytest.raises(Refused, match="certificate_unknown"):
            certificates.by_code(code, at=AT)


def test_no_name_of_a_person_stands_in_the_table(issue: Callable[..., int]) -> None:
    """F10.9 P-9: the file is sealed, the name beside it masked."""
    issue()
    jobs.run_all()
    row = Certificate.objects.values_list().get()
    for value in row:
        assert "张三丰".encode() not in (bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode())


def test_the_database_refuses_to_rewrite_or_remove_a_certificate(issue: Callable[..., int]) -> None:
    issue()
    jobs.run_all()
    for change in (
        lambda: Certificate.objects.update(holder_shown="别人"),
        lambda: Certificate.objects.update(file_digest=bytes(32)),
        lambda: Certificate.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_company_s_name_is_public_and_stands_whole(issue: Callable[..., int]) -> None:
    issue(holder_kind=licences.Kind.ORGANISATION, holder_name="许昌市老街坊餐饮管理有限公司")
    jobs.run_all()
    assert only().holder_shown == "许昌市老街坊餐饮管理有限公司"


def test_who_fetched_a_file_is_recorded(issue: Callable[..., int]) -> None:
    """P-3: each look is logged."""
    from bancheng.kernel.audit import public as audit

    issue()
    jobs.run_all()
    certificate = only()
    fetched(certificate)
    said = [(event.action, event.who) for event in audit.about_any([f"certificate:{certificate.id}"], limit=9)]
    assert ("certificates.fetched", "person:1") in said
    assert ("certificates.made", "platform") in said


def test_a_real_one_and_one_drawn_for_lists_are_both_found(issue: Callable[..., int]) -> None:
    licence_id = issue()
    assert testing.made(licence_id, at=AT).number == 1
    assert testing.drawn(licence_id, at=AT).number == 2
