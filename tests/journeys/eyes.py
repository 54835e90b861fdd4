"""What a page is held to, whoever it is for: no barrier, nothing sideways (on a phone no table in its box either), no word of
the other language, no fault of a script.

Axe looks at each template where it differs: below and above the breakpoint at which the navigation moves, in each language,
and once in each of the larger letters. Sideways scrolling is measured at every width in each of these.
"""

import re
from typing import Any

from tests.journeys.conftest import axe, boxed, sideways

WIDTHS = (320, 390, 1280)
# english, letter size -> the widths at which axe looks
VIEWS = {(False, ""): (390, 1280), (True, ""): (320,), (False, "elder"): (390,), (True, "max"): (390,)}
ENGLISH_WORDS = {
    "Excel",
    "CSV",
    "JSON",
    "GeoJSON",
    "PDF",
    "PEM",
    "ECDSA",
    "RSA",
    "SHA",
    "JPG",
    "PNG",
    "WebP",
    "OFD",
    "xlsx",
    "English",
    "chinesecalendar",
}  # names of things, the same in both languages


def faults(town: Any, who: str, address: str, *, link: Any = None) -> list[tuple[Any, ...]]:
    """Return all that is wrong with a page; `link`: it is opened from another, for its own address is good for minutes only."""
    found: list[tuple[Any, ...]] = []
    page = town.visitor(who, width=390)
    for (english, size), widths in VIEWS.items():
        cookies = {"django_language": "en" if english else "zh-hans", "bc_size": size or "normal"}
        page.context.add_cookies([{"name": name, "value": value, "url": town.url} for name, value in cookies.items()])
        status = page.goto(address).status
        assert status == 200, (status, page.url)
        if link:
            page.goto(page.get_by_role("link", name=link).get_attribute("href"))
        at = f"{'en' if english else 'zh'} {size or 'normal'}"
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            if over := sideways(page):
                found.append((at, width, f"{over}px sideways"))
            if width < 768:
                found += [(at, width, f"pushed sideways: {table}") for table in boxed(page)]
            if width in widths:
                found += [(at, width, *wrong) for wrong in axe(page)]
        found += [(at, word) for word in strangers(page, english)]
    found += [("script", line) for line in page.problems]
    page.context.close()
    return found


def strangers(page: Any, english: bool) -> list[str]:
    """Return words of the other language that are not marked as such."""
    other = "zh" if english else "en"
    text = page.evaluate(
        "l => [...document.querySelectorAll('body *')].filter(e => !e.closest(`[lang^=${l}],code,noscript,script`))"
        ".flatMap(e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data)).join(' ')",
        other,
    )
    if english:
        return re.findall(r"[一-鿿]+", text)
    words = re.findall(r"(?<![\w.:/{-])[A-Za-z]{3,}(?![\w.:}-])", text)  # codes, addresses and {variables} are no words
    return [word for word in words if word not in ENGLISH_WORDS]
