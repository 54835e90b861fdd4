"""The fault panel: stop a gateway, slow it, lose its answers or receipts, and watch that nothing is lost or doubled."""

from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bancheng.lib.text import Text
from bancheng.sim.html import Html, english, h, page, words
from bancheng.sim.state import CHANNELS, Faults, World

NAMES = {"sms": Text("短信网关", "SMS gateway"), "push": Text("小程序推送网关", "Mini-program push gateway")}
LABELS = {
    "down": Text("停机（一律503）", "Down (503 for everything)"),
    "error_rate": Text("内部错误比例（500）", "Rate of internal errors (500)"),
    "slow_ms": Text("变慢（毫秒）", "Slow by (ms)"),
    "drop_rate": Text("收下后断线的比例", "Rate of answers cut off after acceptance"),
    "latency_ms": Text("回执延迟（毫秒）", "Receipt latency (ms)"),
    "reject": Text("拒收的号码（每行一个）", "Refused numbers (one a line)"),
    "fail": Text("送不到的号码（每行一个）", "Unreachable numbers (one a line)"),
    "fail_rate": Text("送不到的比例", "Rate of undeliverable messages"),
    "lose_rate": Text("回执丢失比例", "Rate of lost receipts"),
    "duplicate_rate": Text("回执重复比例", "Rate of doubled receipts"),
    "shuffle": Text("回执乱序", "Receipts out of order"),
    "late_ms": Text("回执迟到（毫秒）", "Receipts late by (ms)"),
    "forge": Text("回执签名伪造", "Receipts with a forged signature"),
}


def routes(world: Callable[[], World]) -> list[Route]:
    """Return the panel as pages and as JSON."""

    async def panel(request: Request) -> Response:
        return _panel(request, world())

    async def change(request: Request) -> Response:
        channel = request.path_params["channel"]
        if channel not in CHANNELS or request.headers.get("sec-fetch-site", "same-origin") not in (
            "same-origin",
            "none",
        ):
            return JSONResponse({"code": "refused"}, status_code=403)
        asked = {
            name: values[-1]
            for name, values in parse_qs((await request.body()).decode(), keep_blank_values=True).items()
        }
        query = {"lang": "en"} if english(request) else {}
        try:
            world().set_faults(channel, _read(asked))
        except ValueError:
            query["wrong"] = channel
        return RedirectResponse(f"/faults/?{urlencode(query)}", status_code=303)

    async def show_json(request: Request) -> Response:
        return JSONResponse({channel: asdict(faults) for channel, faults in world().faults.items()})

    async def change_json(request: Request) -> Response:
        try:
            for channel, values in (await request.json()).items():
                world().set_faults(channel, values)
        except (ValueError, KeyError, AttributeError, TypeError) as wrong:
            return JSONResponse({"code": "bad_fault", "says": str(wrong)}, status_code=422)
        return await show_json(request)

    return [
        Route("/faults/", panel),
        Route("/faults/{channel}", change, methods=["POST"]),
        Route("/faults.json", show_json, methods=["GET"]),
        Route("/faults.json", change_json, methods=["POST"]),
    ]


def _panel(request: Request, world: World) -> Response:
    title = words(request, "故障面板", "Fault panel")
    wrong = words(
        request,
        "没有改动：请填写0到1的比例或整毫秒数。",
        "Nothing was changed: rates run from 0 to 1, times are whole milliseconds.",
    )
    chinese = h("a", "中文", lang="zh-Hans", class_="lang", href="/faults/")
    other = h("a", "English", lang="en", class_="lang", href="/faults/?lang=en")
    body = h(
        "main",
        h("header", h("h1", title), chinese if english(request) else other, class_="bar"),
        h("p", wrong, class_="wrong", role="alert") if request.query_params.get("wrong") else "",
        *(_form(request, world, channel) for channel in CHANNELS),
        class_="panel",
    )
    return page(request, title=title, body=body)


def _form(request: Request, world: World, channel: str) -> Html:
    taken, owed = sum(1 for each, _ in world.messages if each == channel), world.owed(channel)
    facts = words(request, f"已收{taken}条，待发回执{owed}条", f"{taken} taken, {owed} receipts waiting")
    return h(
        "form",
        h("h2", words(request, NAMES[channel].zh, NAMES[channel].en)),
        h("p", facts, class_="facts"),
        *(_field(request, channel, each.name, getattr(world.faults[channel], each.name)) for each in fields(Faults)),
        h("button", words(request, "保存", "Save")),
        class_="faults",
        method="post",
        action=f"/faults/{channel}" + words(request, "", "?lang=en"),
    )


def _field(request: Request, channel: str, name: str, value: Any) -> Html:
    key = f"{channel}-{name}"
    label = h("label", words(request, LABELS[name].zh, LABELS[name].en), for_=key)
    if isinstance(value, bool):
        box = h("input", type="checkbox", id=key, name=name, value="1", checked=value)
        return h("p", box, label, class_="check")
    if isinstance(value, list):
        return h("p", label, h("textarea", "\n".join(value), id=key, name=name, rows="2"))
    return h("p", label, h("input", id=key, name=name, inputmode="decimal", value=str(value)))


def _read(asked: dict[str, str]) -> dict[str, Any]:
    """Return the form's words as fault values; raise ValueError for what is no number."""
    read: dict[str, Any] = {}
    for name, blank in asdict(Faults()).items():
        word = asked.get(name, "")
        if isinstance(blank, bool):
            read[name] = word == "1"
        elif isinstance(blank, list):
            read[name] = word.split()
        else:
            read[name] = type(blank)(word or 0)
    return read
