"""A holder downloads, anybody checks, and nothing is told to whom it does not concern."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bancheng.kernel.cases import public as engine
from bancheng.kernel.cases import testing as cases
from bancheng.kernel.catalogue import testing as catalogue
from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.letters import public as letters
from bancheng.kernel.licences import public as licences
from bancheng.kernel.licences import testing as library

pytestmark = pytest.mark.django_db
SOURCE = licences.Source("market", licences.Channel.SYSTEM, "m-1")
NUMBER = "JY14110020012345"


@pytest.fixture(autouse=True)
def _own_seals(settings: Any, tmp_path: Path) -> None:
    settings.VAR = tmp_path


@pytest.fixture
def holder() -> Client:
    return people.client_for(people.citizen(serial=1))


@pytest.fixture
def licence_id() -> int:
    """A licence that was issued here to the first citizen, and its certificate made."""
    catalogue.unit("market", "许昌市市场监督管理局")
    catalogue.licence_type("food-business", "食品经营许可证")
    made = licences.issue(
        region="411002",
        licence_type="food-business",
        number=NUMBER,
        holder_kind=licences.Kind.PERSON,
        holder_hash=identity.find_hash(people.citizen_id(1), kind="citizen_id"),
        holder_sealed=identity.seal(people.citizen_id(1), kind="citizen_id"),
        holder_name="赵建军",
        issued_on=date(2024, 3, 1),
        valid_from=date(2024, 3, 1),
        valid_to=None,
        source=SOURCE,
        by="staff:1",
        at=clocks.now(),
    )
    jobs.run_all()
    return made


@pytest.fixture
def certificate(licence_id: int) -> certificates.Certificate:
    own = [identity.find_hash(people.citizen_id(1), kind="citizen_id")]
    return certificates.held_by(own, at=clocks.now())[0]


@pytest.fixture
def look(client: Client) -> Callable[..., str]:
    """Return what a page says, by default to nobody in particular."""

    def shown(path: str, by: Client | None = None, status: int = 200) -> str:
        answer = (by or client).get(path)
        assert answer.status_code == status, answer.content.decode()[:500]
        return answer.content.decode()

    return shown


def upload(client: Client, data: bytes) -> str:
    answer = client.post("/certificates/verify/file/", {"file": SimpleUploadedFile("证照.pdf", data)})
    assert answer.status_code == 200
    return answer.content.decode()


def pdf(client: Client, certificate: certificates.Certificate) -> bytes:
    answer = client.get(f"/certificates/files/{certificate.id}.pdf")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    return answer.content


def test_a_holder_downloads_his_certificate_twice_and_has_the_same_file(
    holder: Client, certificate: certificates.Certificate, look: Callable[..., str]
) -> None:
    """P-4"""
    listed = look("/certificates/mine/", holder)
    assert NUMBER in listed
    assert f"/certificates/files/{certificate.id}.pdf" in listed
    first = pdf(holder, certificate)
    assert first.startswith(b"%PDF-")
    assert pdf(holder, certificate) == first
    assert "no-store" in holder.get(f"/certificates/files/{certificate.id}.pdf")["Cache-Control"]


def test_another_s_certificate_does_not_exist(licence_id: int, certificate: certificates.Certificate) -> None:
    stranger = people.client_for(people.citizen("钱二", serial=8))
    assert stranger.get(f"/certificates/mine/{licence_id}/").status_code == 404
    assert stranger.get(f"/certificates/files/{certificate.id}.pdf").status_code == 404
    assert stranger.post(f"/certificates/mine/{licence_id}/make/").status_code == 404
    assert NUMBER not in stranger.get("/certificates/mine/").content.decode()


def test_anybody_checks_a_code_and_sees_masked_facts_only(
    certificate: certificates.Certificate, look: Callable[..., str]
) -> None:
    shown = look(f"/certificates/verify/{certificate.code}/")
    assert "这份电子证照此刻有效" in shown
    assert "赵*军" in shown
    assert "…2345" in shown
    assert "样章" in shown
    for secret in ("赵建军", NUMBER, people.citizen_id(1)):
        assert secret not in shown


def test_a_code_is_typed_as_it_is_printed(
    client: Client, certificate: certificates.Certificate, look: Callable[..., str]
) -> None:
    typed = client.get("/certificates/verify/", {"code": f" {certificates.shown_code(certificate.code).lower()} "})
    assert typed["Location"] == f"/certificates/verify/{certificate.code}/"
    wrong = client.get("/certificates/verify/", {"code": "no/such code"}, follow=True)
    assert wrong.status_code == 404
    assert "没有这个核验码的电子证照" in wrong.content.decode()
    assert "核验码" in look("/certificates/verify/")


def test_a_revoked_licence_s_page_says_so_at_once_and_no_cache_keeps_the_page(
    client: Client, licence_id: int, certificate: certificates.Certificate, look: Callable[..., str]
) -> None:
    """R-E-4: a revoked licence fails even if cached."""
    address = f"/certificates/verify/{certificate.code}/"
    assert "no-store" in client.get(address)["Cache-Control"]
    assert "no-store" in client.get(f"/api/v1/certificates/status/{certificate.code}")["Cache-Control"]
    licences.revoke(licence_id=licence_id, source=SOURCE, by="staff:1", at=clocks.now())
    shown = look(address)
    assert "证照已被撤销，不能使用" in shown
    assert "此刻有效" not in shown


def test_the_very_file_is_checked_step_by_step_in_words(
    client: Client, holder: Client, certificate: certificates.Certificate
) -> None:
    said = upload(client, pdf(holder, certificate))
    assert "这份电子证照此刻有效" in said
    for step in ("与制发时逐字节一致", "许昌市市场监督管理局（样章）", "不具法律效力", "有效。"):
        assert step in said
    assert "赵建军" not in said


def test_one_flipped_byte_and_a_stranger_s_file_fail(
    client: Client, holder: Client, certificate: certificates.Certificate
) -> None:
    data = bytearray(pdf(holder, certificate))
    data[len(data) // 3] ^= 1
    altered = upload(client, bytes(data))
    assert "文件被改动过，不能使用" in altered
    assert "未检查：不是制发的原始文件" in altered
    assert "这不是本平台制发的电子证照" in upload(client, b"%PDF-1.7 a stranger's")


def test_a_revoked_licence_s_file_keeps_its_seal_and_fails(
    client: Client, holder: Client, licence_id: int, certificate: certificates.Certificate
) -> None:
    """R-E-4"""
    data = pdf(holder, certificate)
    licences.revoke(licence_id=licence_id, source=SOURCE, by="staff:1", at=clocks.now())
    said = upload(client, data)
    assert "证照已被撤销，不能使用" in said
    assert "与制发时逐字节一致" in said
    assert pdf(holder, certificate) == data


def test_no_file_and_too_large_a_file_are_refused(client: Client, settings: Any) -> None:
    none = client.post("/certificates/verify/file/", {}, headers={"accept": "application/json"})
    assert (none.status_code, none.json()["code"]) == (422, "no_file")
    large = SimpleUploadedFile("a.pdf", b"%PDF" + bytes(5 * 2**20))
    refused = client.post("/certificates/verify/file/", {"file": large}, headers={"accept": "application/json"})
    assert (refused.status_code, refused.json()["code"]) == (422, "file_too_large")


def test_a_licence_of_a_ledger_is_certified_when_its_holder_asks(holder: Client, look: Callable[..., str]) -> None:
    catalogue.unit("market", "许昌市市场监督管理局")
    own = identity.find_hash(people.citizen_id(1), kind="citizen_id")
    licence = library.issued(unit="market", holder_hash=own, valid_to=None, holder_name="赵建军")
    assert "制作电子证照" in look(f"/certificates/mine/{licence.pk}/", holder)
    asked = holder.post(f"/certificates/mine/{licence.pk}/make/", follow=True).content.decode()
    assert "正在制作并盖章" in asked
    assert 'http-equiv="refresh"' in asked  # looks again without a script
    jobs.run_all()
    made = look(f"/certificates/mine/{licence.pk}/", holder)
    assert "下载电子证照（PDF）" in made
    assert "正在制作" not in made
    again = holder.post(f"/certificates/mine/{licence.pk}/make/", headers={"accept": "application/json"})
    assert again.json()["code"] == "certificate_made"


def test_a_holder_sees_who_relied_on_his_licence_by_unit_and_never_by_name(
    holder: Client, licence_id: int, look: Callable[..., str]
) -> None:
    """R-E-3 P-3 P-4: every reuse is recorded, and its holder sees it."""
    clerk = people.staff("section_officer", unit="market", name="李经办")
    licences.reuse(
        licence_id=licence_id,
        by=f"staff:{clerk.pk}",
        case="c-1",
        purpose="核对经营资格",
        authorisation="本人同意",
        at=clocks.now(),
    )
    shown = look(f"/certificates/mine/{licence_id}/", holder)
    assert "许昌市市场监督管理局" in shown
    assert "核对经营资格" in shown
    assert "李经办" not in shown


def test_an_agent_s_download_is_told_to_the_holder(
    holder: Client, certificate: certificates.Certificate, look: Callable[..., str]
) -> None:
    """P-5"""
    agent = people.citizen("孙三", serial=3)
    principal = people.citizen(serial=1).person
    identity.link_agent(
        principal=principal, agent=agent.person, document="委托书1", first=people.AT.date(), services=("certificates",),
        by="staff:test", at=people.AT,
    )  # fmt: skip
    assert pdf(people.client_for(agent), certificate)
    shown = look("/mine/looks/", holder)
    assert "下载电子证照" in shown
    assert "孙三" in shown


def test_the_pages_are_complete_in_english(
    holder: Client, licence_id: int, certificate: certificates.Certificate
) -> None:
    holder.cookies["django_language"] = "en"
    data = pdf(holder, certificate)
    pages = ("mine/", f"mine/{licence_id}/", "verify/", f"verify/{certificate.code}/")
    said = [holder.get(f"/certificates/{path}").content.decode() for path in pages] + [upload(holder, data)]
    for english in ("My certificates", "Who relied on this licence", "Check a certificate", "valid at this moment"):
        assert any(english in each for each in said)


def test_the_state_of_a_code_is_there_for_programs(client: Client, licence_id: int, certificate: Any) -> None:
    """R-E-4"""
    address = f"/api/v1/certificates/status/{certificates.shown_code(certificate.code)}"
    said = client.get(address).json()
    assert (said["standing"], said["usable"], said["number"], said["holder"]) == ("valid", True, "…2345", "赵*军")
    assert said["sha256"] == certificate.file_digest.hex()
    licences.suspend(licence_id=licence_id, source=SOURCE, by="staff:1", at=clocks.now())
    said = client.get(address).json()
    assert (said["standing"], said["usable"]) == ("suspended", False)
    assert client.get("/api/v1/certificates/status/nothing").json()["code"] == "certificate_unknown"


def test_the_trusted_authorities_can_be_taken_away_without_a_key(client: Client) -> None:
    said = client.get("/certificates/roots.pem").content
    assert said.startswith(b"-----BEGIN CERTIFICATE-----")
    assert b"PRIVATE" not in said


def test_a_sealed_letter_is_checked_by_its_code_and_by_its_file(holder: Client) -> None:
    """R-OT-2, R-E-1: the same page knows letters: masked facts by the code, and whether a file is the very one."""
    catalogue.unit("market", "许昌市市场监督管理局")
    cases.flows_loaded()
    root = cases.filed("sign").id
    cases.accepted(root)
    view = engine.view(root)
    assert view is not None
    letters.promise(view, since=cases.later(days=-1))
    jobs.run_all()
    (letter,) = letters.of_bundles([root])
    page = Client().get(f"/certificates/verify/{letter.code}/")
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    for words in ("受理通知书", "有这份文书", letter.tail):
        assert words in page.content.decode()
    assert letter.number not in page.content.decode()
    found = letters.fetch(letter_id=letter.id, root=root, by="person:1", at=clocks.now())
    assert found is not None
    for data, words in ((found[1], "没有改动"), (found[1][:-9] + b"x" * 9, "内容已被改动")):
        answer = Client().post("/certificates/verify/file/", {"file": SimpleUploadedFile("l.pdf", data)})
        assert words in answer.content.decode()
