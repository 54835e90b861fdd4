"""A mortgage from the bank's desk to the certificate, at a phone's width and without scripts: each by his own pages (S13, journey a)."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from bancheng.sim.bank import photograph
from tests.journeys.conftest import shot
from tests.journeys.eyes import faults
from tests.journeys.town import PERSON, until

HOME = "411025001001GB00001F00020005"  # of the pack's sample estates: Zhang Wei's, nothing rests on it
OWNER = "zhang-wei"
LOAN = "襄中银借字〔2026〕0001号"
PAPERS = ("借款合同", "抵押合同")


WALKED = (  # who looks, at the first line of which list ("": at that page itself)
    (OWNER, "/registry/mine/", ""),
    (OWNER, "/registry/mine/", "main tbody a"),
    (OWNER, "/mortgages/mine/", ""),
    ("xiangcheng-reviewer", "/registry/desk/?show=over", "main tbody a"),
    ("bank-clerk", "/mortgages/filings/?show=filed", "main tbody a"),
    ("bank-archivist", "/mortgages/archive/", "main tbody a"),
    ("bank-approver", "/mortgages/agreements/", "main tbody a"),
    ("operator", "/partners/", "main tbody a"),
)


@pytest.fixture(scope="session")
def recorded(town):
    """A mortgage that went all the way, and the number of its proof."""
    filing = prepare(town)
    approve(town, filing)
    agree(town)
    for officer, button, then in (
        ("xiangcheng-acceptor", "受理", "已受理"),
        ("xiangcheng-reviewer", "审核通过，转登簿", "审核通过"),
        ("xiangcheng-booker", "登簿", "已登簿"),
    ):
        act(town, officer, button, then)
    return proof(town, filing)


def test_a_mortgage_goes_from_the_bank_s_desk_to_a_proof_that_anybody_can_check(town, recorded):
    """F13.5 F13.6 F13.11 R13.1 R13.2 R13.8: clerk, approver, owner, three officers; the proof is at the bank and holds on the public page."""
    verify(town, recorded)


@pytest.mark.parametrize(("who", "path", "link"), WALKED)
def test_the_pages_of_a_recorded_mortgage_are_open_to_everyone_s_eyes(town, recorded, who, path, link):
    page = town.visitor(who)
    page.goto(path)
    address = page.locator(link).first.get_attribute("href") if link else path
    page.context.close()
    found = faults(town, who, address)
    assert not found, "\n".join(map(str, found))


def desk(town: Any, who: str) -> Any:
    return town.visitor(who, js=False, width=390)


def prepare(town: Any, loan: str = LOAN) -> str:
    """Ask the book, fill the form in, enclose the papers; return the filing's address."""
    clerk = desk(town, "bank-clerk")
    clerk.goto("/mortgages/quote/")
    clerk.get_by_label("不动产单元代码或证号").fill(HOME)
    clerk.get_by_label("用途").fill("个人住房贷款")
    clerk.get_by_label("权利人已书面授权本次查询").check()
    clerk.get_by_role("button", name="查询").click()
    expect(clerk.locator("main")).to_contain_text("可以申报")
    shot(clerk, "mortgage-quote")
    clerk.get_by_role("link", name="以此申报").click()
    person = PERSON[OWNER]
    for label, value in (
        ("借款合同编号", loan),
        ("主债权（元）", "800000.00"),
        ("债务履行起", "2026-12-01"),
        ("债务履行止", "2046-11-30"),
    ):
        clerk.get_by_label(label).fill(value)
    clerk.get_by_label("姓名").first.fill(person.name)
    clerk.get_by_label("身份证号码").first.fill(person.citizen_id)
    clerk.get_by_label(re.compile("本行声明")).check()
    shot(clerk, "mortgage-form")
    clerk.get_by_role("button", name="保存，请同事审批").click()
    for n, paper in enumerate(PAPERS):
        clerk.get_by_label("材料", exact=True).select_option(label=paper)
        clerk.get_by_label("扫描件").set_input_files(
            {"name": f"{paper}.png", "mimeType": "image/png", "buffer": photograph(900 + n)}
        )
        clerk.get_by_role("button", name="添加", exact=True).click()
        expect(clerk.locator("main")).to_contain_text(f"{paper}.png")
    expect(clerk.locator("main")).to_contain_text("自动核验通过")
    expect(clerk.get_by_role("button", name="核对无误，提交登记机构")).to_have_count(0)  # never one's own
    shot(clerk, "mortgage-draft")
    address = clerk.url
    clerk.context.close()
    return str(address)


def approve(town: Any, filing: str) -> None:
    """A colleague finds it in the list and files it."""
    approver = desk(town, "bank-approver")
    approver.goto("/mortgages/filings/")
    approver.locator(f"a[href='{filing.removeprefix(town.url)}']").click()
    approver.get_by_role("button", name="核对无误，提交登记机构").click()
    expect(approver.locator("main")).to_contain_text("等本人同意")
    shot(approver, "mortgage-filed")
    approver.context.close()


def agree(town: Any) -> None:
    """The owner hears of it on his phone's page and agrees with his own account."""
    owner = desk(town, OWNER)
    owner.goto("/registry/mine/")
    owner.get_by_role("link", name="抵押权首次登记").first.click()
    expect(owner.locator("main")).to_contain_text("需要您本人同意")
    shot(owner, "mortgage-consent")
    owner.get_by_label("以上内容是我本人的意思").check()
    owner.get_by_role("button", name="同意", exact=True).click()
    expect(owner.locator("main")).to_contain_text("已记录您本人的同意")
    owner.context.close()


def act(town: Any, officer: str, button: str, then: str) -> None:
    """An officer takes the first of what waits and does his part."""
    page = desk(town, officer)
    page.goto("/registry/desk/")
    page.locator("tbody a").first.click()
    scan = page.get_by_role("link", name=f"{PAPERS[0]}.png").get_attribute("href")
    assert page.request.get(scan).body() == photograph(900), "an officer reads what was filed"
    shot(page, f"mortgage-{officer}")
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("main")).to_contain_text(then)
    page.context.close()


def proof(town: Any, filing: str) -> str:
    """The proof comes to the bank's desk by itself and can be fetched; return its number."""
    clerk = desk(town, "bank-clerk")

    link = clerk.locator("section", has=clerk.get_by_role("heading", name="电子证明")).get_by_role("link")

    def came() -> bool:
        clerk.goto(filing)
        return bool(link.count() == 1)

    assert until(came, 90), clerk.inner_text("main")
    shot(clerk, "mortgage-proof")
    number = link.inner_text().strip()
    with clerk.expect_download() as started:
        link.click()
    assert started.value.path().read_bytes().startswith(b"%PDF")
    clerk.context.close()
    return str(number)


def verify(town: Any, number: str) -> None:
    """Anybody checks it by its number, without an account and without anybody's name."""
    anyone = desk(town, "")
    anyone.goto("/registry/verify/")
    anyone.get_by_label("编号或核验码").fill(number)
    anyone.get_by_role("button", name="核验", exact=True).click()
    expect(anyone.locator("main")).to_contain_text("此刻有效")
    expect(anyone.locator("main")).not_to_contain_text(PERSON[OWNER].name)
    shot(anyone, "mortgage-verified")
    anyone.context.close()
