"""The meters' fault panel: gateways and sockets as they stand, and what can be done to them. The meters run in a process of their own."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bancheng.lib.refusal import Unavailable
from bancheng.lib.text import Text
from bancheng.sim import switches
from bancheng.sim.html import Html, english, h, page, words
from bancheng.sim.meters import control
from bancheng.sim.meters.faults import AT_GATEWAY, AT_SOCKET, MADE, NAMES, TROUBLES, Deed

FOREMOST = ("plug", "unplug")  # buttons of their own
PEOPLE = {
    "stop": Text("按结束", "pressed End"),
    "unplug": Text("拔插头", "pulled the plug"),
    "run_out": Text("用完预付", "used up the money"),
    "found_none": Text("没有空闲插座", "found none free"),
    "turned_away": Text("没能预付", "turned away"),
    "not_started": Text("没有通电", "not switched on"),
    "left_open": Text("没等到账单", "left before the bill"),
    "held_back": Text("平台繁忙而退让", "held back, the platform was busy"),
    "gave_up": Text("放弃", "gave up"),
}
BY_NAME = {flag.name: text for flag, text in NAMES.items()}


def routes(kept: Path) -> list[Route]:
    """Return the panel's doors; `kept` is where the meters' process says how it is reached."""

    async def ask(**asked: Any) -> dict[str, Any]:
        return await asyncio.to_thread(control.ask, kept, **asked)

    async def show(request: Request) -> Response:
        name = request.path_params.get("gateway", "")
        try:
            told = await ask(gateway=name)
        except Unavailable:
            return _absent(request)
        if told.get("code"):
            return switches.no(404, str(told["code"]))
        return _one(request, told["gateway"]) if name else _all(request, told)

    async def change(request: Request) -> Response:
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return switches.no(403, "refused")
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        name = request.path_params.get("gateway", "")
        asked = _asked(form, name)
        try:
            told = await ask(gateway=name, **asked)
        except Unavailable:
            return _absent(request)
        query = {"lang": "en"} if english(request) else {}
        if told.get("code") or not _paced(asked, told):
            query["wrong"] = "1"
        anchor = f"#s{form['socket']}" if form.get("socket") else ""
        return RedirectResponse(f"{request.url.path}?{urlencode(query)}{anchor}", status_code=303)

    async def as_json(request: Request) -> Response:
        try:
            asked = await request.json() if request.method == "POST" else dict(request.query_params)
            told = await ask(**{str(key): value for key, value in asked.items() if key != "token"})
        except Unavailable:
            return switches.no(503, "no_meters")
        except (ValueError, AttributeError):
            return switches.no(422, "bad_fault")
        return JSONResponse(told, status_code=422 if told.get("code") else 200)

    return [
        Route("/meters.json", as_json, methods=["GET", "POST"]),
        Route("/meters/", show, methods=["GET"]),
        Route("/meters/", change, methods=["POST"]),
        Route("/meters/{gateway}/", show, methods=["GET"]),
        Route("/meters/{gateway}/", change, methods=["POST"]),
    ]


def _asked(form: dict[str, str], gateway: str) -> dict[str, Any]:
    """Return what a form asks of a gateway, or of the people."""
    asked: dict[str, Any] = {key: form.get(key, "") for key in ("do", "socket", "value")} if gateway else {}
    if "pace" in form:
        asked["pace"] = int(form["pace"]) if form["pace"].isdigit() else -1
    return asked


def _paced(asked: dict[str, Any], told: dict[str, Any]) -> bool:
    """Return whether the people go at the pace that was asked for, where one was and they answer."""
    paces = asked.get("pace"), told.get("people", {}).get("pace")
    return None in paces or paces[0] == paces[1]


def _here(request: Request, path: str) -> str:
    return path + words(request, "", "?lang=en")


def _frame(request: Request, title: str, *body: Html | str, back: str = "") -> Response:
    path = request.url.path
    chinese, other = (
        h("a", "中文", lang="zh-Hans", class_="lang", href=path),
        h("a", "English", lang="en", class_="lang", href=f"{path}?lang=en"),
    )
    head = [h("a", words(request, "‹ 返回", "‹ Back"), class_="back", href=_here(request, back))] if back else []
    again = h("a", words(request, "刷新", "Refresh"), class_="back", href=_here(request, path))
    wrong = words(request, "没有改动：请按提示填写数值。", "Nothing was changed: fill in a value as the hint says.")
    whole = h(
        "main",
        h("header", *head, h("h1", title), again, chinese if english(request) else other, class_="bar"),
        h("p", wrong, class_="wrong", role="alert") if request.query_params.get("wrong") else "",
        *body,
        class_="panel meters",
    )
    return page(request, title=title, body=whole)


def _absent(request: Request) -> Response:
    says = words(
        request,
        "模拟电表没有运行。用 make run 启动，或运行 bancheng meters，然后刷新。",
        "The simulated meters do not run. Start them with make run or bancheng meters, then refresh.",
    )
    answer = _frame(request, words(request, "电表与插座", "Meters and sockets"), h("p", says, class_="empty"), back="/")
    answer.status_code = 503
    return answer


# --- all gateways ---


def _all(request: Request, told: Mapping[str, Any]) -> Response:
    rows = [_row(request, one) for one in told["gateways"]]
    return _frame(
        request,
        words(request, "电表与插座（模拟）", "Meters and sockets (simulated)"),
        _people(request, told["people"]),
        h("h2", words(request, "终端", "Gateways")),
        h("ul", *rows, class_="phones"),
        back="/",
    )


def _people(request: Request, people: Mapping[str, Any]) -> Html:
    done = [f"{PEOPLE[how].of(_language(request))} {count}" for how, count in people["told"].items() if how in PEOPLE]
    here = words(request, f"现在{people['here']}人", f"{people['here']} about now")
    return h(
        "form",
        h("h2", words(request, "来往的人", "People who come and go")),
        h("p", "；".join([here, *done]) if not english(request) else "; ".join([here, *done]), class_="facts"),
        h(
            "p",
            h(
                "label",
                words(request, "每小时来几人（0为没有，至多3600）", "Arrivals an hour (0: none, 3600 at most)"),
                for_="pace",
            ),
            h("input", type="number", name="pace", id="pace", min="0", max="3600", value=str(people["pace"])),
        ),
        h("button", words(request, "保存", "Save")),
        class_="faults",
        method="post",
        action=_here(request, "/meters/"),
    )


def _language(request: Request) -> str:
    return "en" if english(request) else "zh"


def _row(request: Request, one: Mapping[str, Any]) -> Html:
    href = _here(request, f"/meters/{one['name']}/")
    facts = words(
        request,
        f"{one['sockets']}个插座，{one['closed']}个通电",
        f"{one['sockets']} sockets, {one['closed']} on",
    )
    if one["troubled"]:
        facts += words(request, f"，{one['troubled']}个有故障", f", {one['troubled']} in trouble")
    name = h("span", f"{one['site']} {one[words(request, 'site_zh', 'site_en')]}", class_="who")
    return h("li", h("a", name, _standing(request, one), h("span", facts, class_="count"), href=href))


def _standing(request: Request, one: Mapping[str, Any]) -> Html:
    if not one["powered"]:
        return h("b", words(request, "停电", "no power"), class_="bad")
    if one["silent"]:
        return h("b", words(request, "断网", "silenced"), class_="bad")
    if not one["connected"]:
        return h("b", words(request, "正在重连", "coming back"), class_="bad")
    return h("span", words(request, "在线", "online"), class_="good")


# --- one gateway ---


def _one(request: Request, one: Mapping[str, Any]) -> Response:
    troubles = [TROUBLES[name].of(_language(request)) for name in one["troubles"] if name in TROUBLES]
    if one["late_commands_s"]:
        troubles.append(
            words(request, f"命令迟到{one['late_commands_s']}秒", f"commands {one['late_commands_s']} s late")
        )
    facts = words(
        request,
        f"{one['name']}，第{one['boot']}次启动，{one['unsaid']}条待确认",
        f"{one['name']}, boot {one['boot']}, {one['unsaid']} messages unconfirmed",
    )
    said = "；".join([facts, *troubles]) if not english(request) else "; ".join([facts, *troubles])
    top = h(
        "section",
        h("p", _standing(request, one), " · ", said, class_="facts"),
        _deeds(request, one["name"], "", AT_GATEWAY),
        class_="faults",
    )
    cards = [_card(request, one["name"], socket) for socket in one["each"]]
    return _frame(request, f"{one['site']} {one[words(request, 'site_zh', 'site_en')]}", top, *cards, back="/meters/")


def _card(request: Request, gateway: str, socket: Mapping[str, Any]) -> Html:
    wire = socket["wire"]
    relay = words(request, "通电", "on") if socket["closed"] else words(request, "断开", "off")
    flags = [BY_NAME[name].of(_language(request)) for name in socket["flags"]]
    head = h(
        "h2",
        f"{socket['code']} · {relay}",
        *(h("b", f" {flag}", class_="bad") for flag in flags),
        *(h("small", f" {MADE[name].of(_language(request))}") for name in socket["made"]),
    )
    plug = h(
        "form",
        h("input", type="hidden", name="socket", value=wire),
        h("label", words(request, "电器功率（瓦）", "Load (W)"), for_=f"w{wire}"),
        h("input", type="number", name="value", id=f"w{wire}", min="0", max="20000", value=str(socket["load_w"])),
        h("button", words(request, "插上", "Plug in"), name="do", value="plug"),
        h("button", words(request, "拔掉", "Unplug"), name="do", value="unplug", class_="plain"),
        class_="plug",
        method="post",
        action=_here(request, f"/meters/{gateway}/"),
    )
    rest = {name: deed for name, deed in AT_SOCKET.items() if name not in FOREMOST}
    figures = h("dl", *_figures(request, socket))
    return h("section", head, figures, plug, _deeds(request, gateway, wire, rest), class_="faults", id=f"s{wire}")


def _figures(request: Request, socket: Mapping[str, Any]) -> list[Html]:
    rows = [
        (words(request, "表号", "Meter"), socket["meter"]),
        (words(request, "示值", "Register"), f"{socket['register_10wh'] / 100:.2f} {words(request, '千瓦时', 'kWh')}"),
        (
            words(request, "电压 / 电流 / 温度", "V / A / °C"),
            f"{socket['voltage_dv'] / 10:.1f} / {socket['current_ma'] / 1000:.2f} / {socket['temperature_dc'] / 10:.1f}",
        ),
    ]
    if socket["closed"]:
        rows += [
            (
                words(request, "已用 / 额度", "Used / quota"),
                f"{socket['used_wh']} / {socket['quota_wh']} {words(request, '瓦时', 'Wh')}",
            ),
            (
                words(request, "限时 / 租约还剩", "Time / lease left"),
                f"{socket['left_s']} / {socket['lease_s']} {words(request, '秒', 's')}",
            ),
        ]
    if socket["clock_off_s"]:
        rows.append(
            (words(request, "时钟偏差", "Clock off by"), f"{socket['clock_off_s']} {words(request, '秒', 's')}")
        )
    return [h("div", h("dt", name), h("dd", value)) for name, value in rows]


def _deeds(request: Request, gateway: str, wire: str, deeds: Mapping[str, Deed]) -> Html:
    """Return the form that does one thing; those that take a number say what it means to them."""
    choices = []
    for name, deed in deeds.items():
        unit = (
            f" {words(request, '（', '(')}{deed.value.of(_language(request))}{words(request, '）', ')')}"
            if deed.value
            else ""
        )
        choices.append(h("option", deed.label.of(_language(request)) + unit, value=name))
    mark = f"{gateway}{wire}"
    return h(
        "form",
        h("input", type="hidden", name="socket", value=wire) if wire else "",
        h("label", words(request, "操作", "Action"), for_=f"d{mark}"),
        h("select", *choices, name="do", id=f"d{mark}"),
        h("label", words(request, "数值（需要时）", "Value, where one is wanted"), for_=f"v{mark}"),
        h("input", name="value", id=f"v{mark}", inputmode="decimal", autocomplete="off"),
        h("button", words(request, "执行", "Do it"), class_="plain"),
        class_="deeds",
        method="post",
        action=_here(request, f"/meters/{gateway}/"),
    )
