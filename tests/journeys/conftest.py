"""Browser walks: a real Chromium against a live server, every page measured by axe.

Needs a Chromium on PATH (or $CHROMIUM). Without one these tests are skipped on a desk and fail where CI is set.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.journeys.town import Town

sync_api = pytest.importorskip("playwright.sync_api")

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's sync API runs a loop in this thread
HERE = Path(__file__).resolve().parent
SCREENS = HERE.parent.parent / "var" / "screens"
CHROME = os.environ.get("CHROMIUM") or shutil.which("chromium")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = (HERE / "vendor" / "axe-core-4.14.1" / "axe.min.js").read_text(encoding="utf-8")
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# what is right is neither described nor sent here: of a page with many rows that takes longer than looking at it
LOOK = """async tags => {
    const found = await axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']});
    return found.violations.map(one => [one.id, one.impact, one.nodes.slice(0, 3).map(node => node.target)]);
}"""


@pytest.fixture(scope="session")
def chrome() -> Iterator[Any]:
    if CHROME is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium found: install one or set CHROMIUM")
        pytest.skip("no Chromium found")
    with sync_api.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROME, headless=True, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The address of the site in this process. Its database is emptied only behind a test that says it writes (`django_db(transaction=True)`):
    emptying it takes longer than reading a page does."""
    with django_db_blocker.unblock():
        server = LiveServer("localhost")
        server._live_server_modified_settings.enable()
        yield server.url
        server._live_server_modified_settings.disable()
        server.stop()


@pytest.fixture
def open_page(chrome: Any, site: str) -> Iterator[Callable[..., Any]]:
    """Open a page of the site; `page.problems` collects script errors, CSP violations and requests that leave it."""
    made = []

    def _open(
        path: str,
        width: int = 390,
        height: int = 844,
        js: bool = True,
        english: bool = False,
        size: str = "",
        session: str = "",
        **kw: Any,
    ) -> Any:
        context = chrome.new_context(
            base_url=site,
            viewport={"width": width, "height": height},
            locale="en-GB" if english else "zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=js,
            reduced_motion="reduce",
            **kw,
        )
        made.append(context)
        cookies = {"django_language": "en" if english else "zh-hans", "bc_size": size, "sessionid": session}
        context.add_cookies([{"name": k, "value": v, "url": site} for k, v in cookies.items() if v])
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda e: page.problems.append(str(e)))
        page.on("console", lambda m: page.problems.append(m.text) if m.type == "error" else None)
        page.on(
            "request",
            lambda r: None if r.url.startswith((site, "data:", "blob:")) else page.problems.append("outside: " + r.url),
        )
        page.answer = page.goto(path)
        return page

    yield _open
    for context in made:
        context.close()


@pytest.fixture(scope="session")
def town(chrome: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A whole house with two months behind it; walks that need one share it, each with licences of its own."""
    house = Town(tmp_path_factory.mktemp("town"), chrome)
    try:
        house.wait()
        house.live()
        yield house
    finally:
        house.stop()


@pytest.fixture
def session_of(client: Any) -> Callable[[Any], str]:
    """Return the session cookie of a signed-in account, for `open_page(..., session=...)`."""

    def _session(user: Any) -> str:
        client.force_login(user)
        return client.cookies["sessionid"].value

    return _session


def axe(page: Any, tags: tuple[str, ...] = TAGS) -> list[tuple[str, str, list[Any]]]:
    """Return what axe finds wrong: rule, weight, the first places."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)  # allowed under a strict CSP
    return [(rule, weight, places) for rule, weight, places in page.evaluate(LOOK, list(tags))]


def sideways(page: Any) -> int:
    """Return by how many pixels the page scrolls sideways."""
    return page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")


def boxed(page: Any) -> list[str]:
    """Return the tables that have to be pushed sideways in their box."""
    return page.evaluate(
        "() => [...document.querySelectorAll('.bc-scroll')].filter(box => box.scrollWidth > box.clientWidth)"
        ".map(box => box.getAttribute('aria-label') || box.getAttribute('aria-labelledby'))"
    )


def shot(page: Any, name: str, *, full: bool = True) -> Path:
    """Keep a picture in var/screens, for people to look at: none in CI, where nobody does."""
    path = SCREENS / f"{name}.png"
    if not os.environ.get("CI"):
        SCREENS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(path), full_page=full, animations="disabled")
    return path
