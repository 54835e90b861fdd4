"""A certificate asked for, made by the worker, downloaded, checked by its code and by the file, in the house of the other walks."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import axe, shot, sideways
from tests.journeys.eyes import WIDTHS, faults, strangers
from tests.journeys.town import KINDS, TODAY, book, of_person, until

HOLDER = "ayi-guli"
NUMBER = "JY14110022600777"


@pytest.fixture(scope="module")
def made(town, tmp_path_factory):
    """The holder's certificate: asked for without a script, made by the worker; its page, its code, its file."""
    admin = town.visitor("unit-admin")
    row = of_person(HOLDER, KINDS[0][0], NUMBER, TODAY + timedelta(days=300))
    town.upload(admin, "电子证照的台账.xlsx", book([row]))
    page = town.visitor(HOLDER, js=False, width=390)
    page.goto("/certificates/mine/")
    shot(page, "certificates-mine-before")
    page.get_by_role("link", name=re.compile(f"制作电子证照.*{NUMBER}")).click()
    shot(page, "certificates-licence-before")
    page.get_by_role("button", name="申请制作").click()
    shot(page, "certificates-licence-making")
    own = page.url

    def ready():
        page.goto(own)
        return page.get_by_role("link", name="下载电子证照（PDF）").count() > 0

    assert until(ready, 60), "the worker made nothing"
    with page.expect_download() as taken:
        page.get_by_role("link", name="下载电子证照（PDF）").click()
    file = tmp_path_factory.mktemp("downloads") / "证照.pdf"
    taken.value.save_as(file)
    page.get_by_role("link", name="看看别人核验时看到什么").click()
    verify = page.url
    assert page.problems == []
    for each in (admin, page):
        each.context.close()
    return {"licence": own, "verify": verify, "file": file}


@pytest.mark.parametrize(
    ("who", "path"),
    [(HOLDER, "/certificates/mine/"), (HOLDER, "{licence}"), ("", "/certificates/verify/"), ("", "{verify}")],
)
def test_a_page_of_certificates_is_open_to_everyone_s_eyes(town, made, who, path):
    found = faults(town, who, path.format(**made))
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("english", [False, True], ids=["zh", "en"])
def test_anybody_checks_the_file_and_an_altered_one_without_a_script(town, made, english, tmp_path):
    plain, scripted = (town.visitor(js=js, width=390, english=english) for js in (False, True))
    good = made["file"].read_bytes()
    altered, strange = tmp_path / "altered.pdf", tmp_path / "strange.pdf"
    altered.write_bytes(good[:9000] + bytes([good[9000] ^ 1]) + good[9001:])
    strange.write_bytes(b"%PDF-1.7 nothing of ours")
    says = {
        made["file"]: ("此刻有效", "valid at this moment"),
        altered: ("被改动过", "has been altered"),
        strange: ("不是本平台制发", "not a certificate of this platform"),
    }
    for file, words in says.items():
        for page in (plain, scripted):
            page.goto("/certificates/verify/")
            page.locator("input[type=file]").set_input_files(file)
            page.get_by_role("button", name="Upload and check" if english else "上传并核验").click()
            expect(page.locator("main")).to_contain_text(words[english])
        assert strangers(page, english) == []
        assert axe(page) == []
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            shot(page, f"certificates-{file.stem}-{'en' if english else 'zh'}-{width}")
            assert sideways(page) == 0
    for page in (plain, scripted):
        assert page.problems == []
        page.context.close()
