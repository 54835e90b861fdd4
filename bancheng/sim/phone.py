"""The simulated phone: what a person really received, by SMS and in the Alipay-style mini-program."""

from collections import defaultdict
from collections.abc import Callable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bancheng.sim.html import Html, english, grouped, h, join, linked, moment, page, words
from bancheng.sim.state import MOBILE, Message, World

SHOWN = 100  # newest messages on one phone's page
LISTED = 200  # phones on the list


def routes(world: Callable[[], World]) -> list[Route]:
    """Return the phone's pages."""

    async def phone(request: Request) -> Response:
        number = request.query_params.get("n", "").replace(" ", "")
        if not MOBILE.fullmatch(number):
            return _phones(request, world(), asked=number)
        return _phone(request, world(), number)

    async def open_card(request: Request) -> Response:
        message = world().read("push", request.query_params.get("id", ""))
        to = str(message.content.get("page", "")) if message else ""
        return RedirectResponse(to if to.startswith(("http://", "https://")) else "/phone/", status_code=303)

    async def version(request: Request) -> Response:
        return PlainTextResponse(str(world().version))

    return [
        Route("/phone/", phone),
        Route("/phone/open", open_card, methods=["POST"]),
        Route("/phone/version", version),
    ]


def _phones(request: Request, world: World, *, asked: str) -> Response:
    title = words(request, "模拟手机", "Simulated phones")
    wrong = words(
        request, f"“{asked}”不是手机号码，请输入11位号码。", f"“{asked}” is not a mobile number of 11 digits."
    )
    nobody = words(
        request,
        "还没有手机收到消息。运行一次巡检后再来看看。",
        "No phone has received a message yet. Run the inspection and come back.",
    )
    rows = [_row(request, *known) for known in world.numbers()[:LISTED]]
    body = h(
        "main",
        h("header", h("h1", title), _language(request), class_="bar"),
        h("p", wrong, class_="wrong", role="alert") if asked else "",
        _find(request, asked),
        h("ul", *rows, class_="phones") if rows else h("p", nobody, class_="empty"),
        class_="device",
    )
    return page(request, title=title, body=body, live=str(world.version))


def _find(request: Request, asked: str) -> Html:
    return h(
        "form",
        h("input", type="hidden", name="lang", value="en") if english(request) else "",
        h("label", words(request, "手机号码", "Mobile number"), for_="n"),
        h("input", id="n", name="n", inputmode="tel", maxlength="13", value=asked),
        h("button", words(request, "打开", "Open")),
        class_="find",
        action="/phone/",
        role="search",
    )


def _row(request: Request, number: str, count: int, at: float) -> Html:
    link = h(
        "a",
        h("span", number[-2:], class_="avatar", aria_hidden="true"),
        h("span", grouped(number), class_="who"),
        h("span", words(request, f"{count} 条", f"{count} messages"), class_="count"),
        h("time", moment(at)),
        href=_address(request, n=number),
    )
    return h("li", link)


def _phone(request: Request, world: World, number: str) -> Response:
    threads: dict[str, list[Message]] = defaultdict(list)
    for message in world.phone(number)[-SHOWN:]:
        threads[_sender(request, message)].append(message)
    newest_first = sorted(threads.items(), key=lambda thread: -thread[1][-1].at)
    nothing = words(request, "这部手机还没有收到消息。", "This phone has received nothing yet.")
    back = words(request, "‹ 所有手机", "‹ All phones")
    body = h(
        "main",
        h(
            "header",
            h("a", back, class_="back", href=_address(request)),
            h("h1", grouped(number)),
            _language(request),
            class_="bar",
        ),
        *(_thread(request, sender, messages, index) for index, (sender, messages) in enumerate(newest_first)),
        "" if threads else h("p", nothing, class_="empty"),
        class_="device",
    )
    title = f"{words(request, '模拟手机', 'Simulated phone')} {grouped(number)}"
    return page(request, title=title, body=body, live=str(world.version))


def _sender(request: Request, message: Message) -> str:
    if message.channel == "push":
        return words(request, "服务提醒 · 小程序", "Service reminders · mini-program")
    text = str(message.content.get("text", ""))
    signed = text.startswith("【") and "】" in text
    return text[1 : text.index("】")] if signed else words(request, "短信", "Messages")


def _thread(request: Request, sender: str, messages: list[Message], index: int) -> Html:
    shown = [_card(request, each) if each.channel == "push" else _bubble(request, each) for each in messages]
    heading = h("h2", sender, h("span", str(len(messages)), class_="count"), id=f"t{index}")
    return h("section", heading, *shown, class_="thread", aria_labelledby=f"t{index}")


def _bubble(request: Request, message: Message) -> Html:
    text = linked(str(message.content.get("text", "")))
    return h("article", h("time", moment(message.at)), h("p", text, class_="bubble"), _receipt(request, message))


def _card(request: Request, message: Message) -> Html:
    content = message.content
    details = content.get("data")
    rows = [
        join(h("dt", str(name)), h("dd", linked(str(value))))
        for name, value in (details.items() if isinstance(details, dict) else [])
    ]
    card = h(
        "div",
        h("h3", str(content.get("title", ""))),
        h("p", linked(str(content.get("body", "")))),
        h("dl", *rows) if rows else "",
        h(
            "form",
            h("button", words(request, "查看详情", "Show details")),
            method="post",
            action=f"/phone/open?{urlencode({'id': message.id})}",
        ),
        class_="card",
    )
    return h("article", h("time", moment(message.at)), card, _receipt(request, message))


def _receipt(request: Request, message: Message) -> Html:
    said = {
        "": words(request, "已送达，回执在路上", "Delivered, receipt on its way"),
        "delivered": words(request, "✓ 已送达，回执已确认", "✓ Delivered, receipt confirmed"),
        "read": words(request, "✓✓ 已读，回执已确认", "✓✓ Read, receipt confirmed"),
    }
    return h("p", said[message.told], class_="receipt done" if message.told else "receipt")


def _language(request: Request) -> Html:
    number = request.query_params.get("n", "")
    if english(request):
        return h("a", "中文", lang="zh-Hans", class_="lang", href=f"/phone/?{urlencode({'n': number})}")
    return h("a", "English", lang="en", class_="lang", href=f"/phone/?{urlencode({'n': number, 'lang': 'en'})}")


def _address(request: Request, **values: str) -> str:
    return f"/phone/?{urlencode(values | ({'lang': 'en'} if english(request) else {}))}"
