"""The simulator's own small pages: elements that escape what is put in them, and one frame, in Chinese and English."""

import re
from datetime import datetime, timedelta, timezone
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse

SHANGHAI = timezone(timedelta(hours=8))
LINK = re.compile(r"https?://[^\s\u3000-\u9fff\uff00-\uffef<>\"']+")
POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
    ]
)
VOID = {"input", "meta", "link", "br"}


class Html(str):
    """Text that is HTML already and is not escaped again."""


def h(element: str, /, *inside: "str | Html", **attributes: str | bool) -> Html:
    """Return the element; plain text `inside` is escaped, `class_` is class, True is an attribute without value."""
    said = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value))}"')
        for key, value in attributes.items()
        if value is not False
    )
    return Html(f"<{element}{said}>" if element in VOID else f"<{element}{said}>{join(*inside)}</{element}>")


def join(*parts: str | Html) -> Html:
    """Return the parts one after another, plain text escaped."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


def english(request: Request) -> bool:
    """Return whether the reader asked for English (`?lang=en`)."""
    return request.query_params.get("lang") == "en"


def words(request: Request, zh: str, en: str) -> str:
    """Return the sentence in the reader's language."""
    return en if english(request) else zh


def page(request: Request, *, title: str, body: Html, live: str = "") -> HTMLResponse:
    """Return a whole page; `live` is the version of the state it shows: it renews itself when that changes."""
    head = h(
        "head",
        h("meta", charset="utf-8"),
        h("meta", name="viewport", content="width=device-width, initial-scale=1"),
        h("title", title),
        h("link", rel="stylesheet", href="/static/sim.css"),
        h("link", rel="icon", href="data:,"),
        h("script", src="/static/live.js", defer=True),
    )
    whole = h("html", head, h("body", body, data_live=live or False), lang=words(request, "zh-Hans", "en"))
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HTMLResponse("<!doctype html>" + whole, headers=headers)


def linked(text: str) -> Html:
    """Return `text` escaped, line breaks kept, with its addresses as links."""
    made, last = Html(), 0
    for found in LINK.finditer(text):
        address = found.group().rstrip(".,;!?)")
        made = join(made, text[last : found.start()], h("a", address, href=address))
        last = found.start() + len(address)
    return Html(join(made, text[last:]).replace("\n", "<br>"))


def moment(at: float) -> str:
    """Return an instant as the phone shows it."""
    return datetime.fromtimestamp(at, SHANGHAI).strftime("%m-%d %H:%M")


def grouped(number: str) -> str:
    """Return a mobile number in the groups people read aloud."""
    return f"{number[:3]} {number[3:7]} {number[7:]}"
