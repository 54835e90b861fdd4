"""Letters on the pages: whoever is named, the office and the bank that is asked download the same bytes; for everybody else they are not there."""

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import testing as people
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing
from bancheng.services.registry.tests.conftest import REGISTRY, Town
from bancheng.services.registry.tests.test_pages import _terms as terms
from bancheng.services.registry.tests.test_pages import accepted, body

WHY = {"reason": "抵押物权属有争议", "law": "不动产登记暂行条例 第二十二条"}


def consented(town: Town) -> UUID:
    return testing.consented(town.office, at=clocks.now(), **terms({}))


def refused(town: Town) -> tuple[UUID, registrations.LetterView]:
    made = accepted(town)
    assert town.reviewer.post(f"/registry/desk/{made}/refuse/", WHY).status_code == 302
    return made, testing.written(made, at=clocks.now())


def addresses(made: UUID, letter: registrations.LetterView) -> tuple[str, str]:
    return f"/registry/mine/{made}/letters/{letter.id}.pdf", f"/registry/desk/{made}/letters/{letter.id}.pdf"


def test_owner_and_office_see_and_download_the_same_letter(town: Town) -> None:
    """条例 第二十二条: the refusal is a paper in the applicant's hands, the same to the byte each time."""
    made, letter = refused(town)
    own, desk = addresses(made, letter)
    files = []
    for browser, page, address in (
        (town.owner, f"/registry/mine/{made}/", own),
        (town.booker, f"/registry/desk/{made}/", desk),
    ):
        shown = body(browser.get(page))
        assert "不动产不予登记告知书" in shown
        assert address in shown
        assert letter.number in shown
        answers = [browser.get(address) for _ in range(2)]
        assert {answer["Content-Type"] for answer in answers} == {"application/pdf"}
        files += [answer.content for answer in answers]
    assert len(set(files)) == 1
    assert files[0].startswith(b"%PDF")


def test_for_a_stranger_another_office_and_another_application_it_is_not_there(town: Town) -> None:
    """Default deny."""
    made, letter = refused(town)
    own, desk = addresses(made, letter)
    assert town.stranger.get(own).status_code == 404
    assert town.stranger.get(desk).status_code == 403
    assert Client().get(own).status_code == 302
    elsewhere = people.client_for(people.staff("registry_reviewer", unit="registry"))
    assert elsewhere.get(desk).status_code == 404
    other = testing.consented(town.office, "k2", at=clocks.now(), **terms({"loan_no": "LOAN-2"}))
    assert town.owner.get(f"/registry/mine/{other}/letters/{letter.id}.pdf").status_code == 404
    assert town.acceptor.get(f"/registry/desk/{other}/letters/{letter.id}.pdf").status_code == 404
    banker = people.client_for(people.staff("bank_approver", unit=testing.OTHER_BANK))
    assert banker.get(f"/registry/asks/{made}/letters/{letter.id}.pdf").status_code == 404


def test_until_it_is_sealed_the_page_says_so(town: Town) -> None:
    made = accepted(town)
    town.reviewer.post(f"/registry/desk/{made}/refuse/", WHY)
    page = body(town.reviewer.get(f"/registry/desk/{made}/"))
    assert "正在制作并盖章" in page
    assert 'http-equiv="refresh"' in page
    testing.written(made, at=clocks.now())


def test_corrections_have_a_letter_and_a_day_and_what_is_late_can_be_ended(town: Town) -> None:
    """条例 第十七条: told once with the day; not corrected, it is not accepted, in writing too: two letters, two numbers."""
    made = consented(town)
    desk = f"/registry/desk/{made}/"
    assert town.acceptor.post(f"{desk}correct/", {"points": "合同缺第3页\n未盖章", "law": ""}).status_code == 302
    first = testing.written(made, at=clocks.now())
    page = body(town.owner.get(f"/registry/mine/{made}/"))
    assert "不动产登记补正告知书" in page
    assert "补正期限" in page
    assert "不予受理并说明理由" in body(town.acceptor.get(desk))
    assert "不予受理并说明理由" not in body(town.reviewer.get(desk))
    assert town.acceptor.post(f"{desk}not-accept/", WHY).status_code == 302
    second = testing.written(made, at=clocks.now())
    assert (first.name.zh, second.name.zh) == ("不动产登记补正告知书", "不动产登记不予受理告知书")
    assert first.number != second.number
    assert len(registrations.view(made).letters) == 2


def test_the_bank_that_is_asked_downloads_it(town: Town) -> None:
    now = clocks.now()
    made = registrations.file(
        region=testing.REGION,
        kind="mortgage.set",
        key="own",
        channel="one_window",
        by=town.office.owner,
        parties=(
            registrations.Party(registrations.Role.MORTGAGOR, "person", "王芳", town.office.owner_id),
            testing.bank_party(),
        ),
        lots=(testing.HOME,),
        payload=terms({})["payload"],
        papers=testing.papers("loan_contract", "mortgage_contract"),
        at=now,
    ).id
    registrations.consent(application_id=made, by=town.office.banker, channel="bank", at=now)
    registrations.not_accept(application_id=made, by=town.office.acceptor, at=now, **WHY)
    letter = testing.written(made, at=now)
    banker = people.client_for(_user(town))
    address = f"/registry/asks/{made}/letters/{letter.id}.pdf"
    assert address in body(banker.get(f"/registry/asks/{made}/"))
    assert banker.get(address).content == town.owner.get(addresses(made, letter)[0]).content


def _user(town: Town) -> Any:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get(pk=town.office.banker.user_id)


def test_anybody_checks_a_letter_by_number_code_or_file_and_learns_no_name(town: Town) -> None:
    """As certificates are checked: R13.8."""
    made, letter = refused(town)
    data = town.owner.get(addresses(made, letter)[0]).content
    anybody = Client()
    for address in (f"/registry/c/{letter.code}/", f"/registry/verify/?number={letter.number}"):
        page = body(anybody.get(address))
        assert "登记机构制发过这份文书" in page
        assert letter.number in page
        assert "王芳" not in page
        assert WHY["reason"] not in page
    for content, says in ((data, "逐字节一致"), (data + b"\n", "文件已被改动")):
        answer = anybody.post("/registry/verify/file/", {"file": SimpleUploadedFile("a.pdf", content)})
        assert says in body(answer)
    assert registrations.brief(made).registry == REGISTRY
