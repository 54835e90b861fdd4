"""All doors of the simulated channels: both protocols behind the panel's faults, the pay sheet, the panel."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bancheng.lib import money, paykeys
from bancheng.sim import switches
from bancheng.sim.html import Html, h, page, words
from bancheng.sim.paychannel.alipay import Alipay
from bancheng.sim.paychannel.books import LABELS, SHOWN, Books, Faults, Order, Refund
from bancheng.sim.paychannel.calling import Calls
from bancheng.sim.paychannel.wechat import Wechat

HANGS_SECONDS = 30
NAMES = {"wechat": ("微信支付（模拟）", "WeChat Pay (simulated)"), "alipay": ("支付宝（模拟）", "Alipay (simulated)")}
WALLETS = {"wechat": ("零钱（模拟）", "Balance (simulated)"), "alipay": ("余额宝（模拟）", "Yu'e Bao (simulated)")}
STATES = {"NOTPAY": ("待付款", "to be paid"), "SUCCESS": ("已付款", "paid"), "CLOSED": ("已关闭", "closed")}
Door = Callable[[Request], Awaitable[Response]]


class Channels:
    """Both channels over one set of books."""

    def __init__(self, var: Path, clock: Callable[[], float]) -> None:
        self.books = Books(var / "sim" / "pay.jsonl", clock)
        self.calls = Calls(lambda: self.books)
        self.wechat = Wechat(lambda: self.books, paykeys.keys(var, "wechat"), _sheet, self.calls.send)
        self.alipay = Alipay(lambda: self.books, paykeys.keys(var, "alipay"), _sheet, self.calls.send)

    def routes(self) -> list[Route]:
        """Return every door; the machines' stand behind the panel's faults."""
        machines = [*self.wechat.routes("/wechatpay"), *self.alipay.routes("/alipay")]
        return [
            *(
                Route(door.path, self._behind_faults(door.endpoint), methods=list(door.methods or ()))
                for door in machines
            ),
            Route("/pay/sheet/{code}", self.sheet, methods=["GET"]),
            Route("/pay/sheet/{code}", self.paid, methods=["POST"]),
            Route("/pay/refunds/{number}", self.finished, methods=["POST"]),
            *switches.doors("pay", Faults(), page=self.panel, change=self.books.switch, told=self.books.told),
        ]

    def _behind_faults(self, door: Door) -> Door:
        async def answer(request: Request) -> Response:
            if self.books.faults.down:
                return switches.no(503, "down")
            said = await door(request)
            faults = self.books.faults
            if request.method == "POST" and faults.fail_after_acting:
                return switches.no(500, "internal")
            if request.method == "POST" and faults.hang_after_acting:
                await asyncio.sleep(HANGS_SECONDS)
            return said

        return answer

    # --- the pay sheet ---

    async def sheet(self, request: Request) -> Response:
        """Show what is to be paid to whom, as the phone does."""
        order = self.books.by_code(request.path_params["code"])
        if order is None:
            return PlainTextResponse(words(request, "没有这笔订单", "No such order"), 404)
        back = request.query_params.get("redirect_url", order.return_url)
        title = words(request, *NAMES[order.channel])
        open_ = order.state == "NOTPAY"
        body = [
            h("h1", title),
            h("p", f"¥{money.yuan(order.fen)}", class_="amount"),
            h(
                "dl",
                *_fact(words(request, "收款方", "To"), words(request, "许昌市共享电源", "Shared power of Xuchang")),
                *_fact(words(request, "商品", "For"), order.subject),
                *_fact(words(request, "单号", "Number"), order.number),
                *_fact(
                    words(request, "付款方式", "From") if open_ else words(request, "状态", "State"),
                    words(request, *(WALLETS[order.channel] if open_ else STATES[order.state])),
                ),
            ),
        ]
        if open_:
            body.append(self._button(words(request, "确认付款", "Pay"), "pay", back))
            body.append(self._button(words(request, "取消", "Cancel"), "cancel", back))
        elif back:
            body.append(h("p", h("a", words(request, "返回商家", "Back to the merchant"), href=back, class_="done")))
        body.append(
            h("p", words(request, "模拟页面，不会真的扣款。", "Simulated: no real money moves."), class_="hint")
        )
        return page(request, title=title, body=h("main", *body, class_=f"sheet {order.channel}"))

    async def paid(self, request: Request) -> Response:
        """Pay or leave, and go back where the merchant asked to."""
        order = self.books.by_code(request.path_params["code"])
        if order is None:
            return switches.no(404, "no_order")
        form = dict(parse_qsl((await request.body()).decode()))
        if form.get("press") == "pay":
            (self.wechat if order.channel == "wechat" else self.alipay).pay(order)
        return RedirectResponse(form.get("back") or str(request.url.path), status_code=303)

    def _button(self, name: str, press: str, back: str) -> Html:
        fields = [
            h("input", type="hidden", name="press", value=press),
            h("input", type="hidden", name="back", value=back),
        ]
        return h("form", *fields, h("button", name, class_="" if press == "pay" else "plain"), method="post")

    # --- the panel ---

    async def finished(self, request: Request) -> Response:
        """Let a refund that stayed go on, as the channel's people would."""
        form = dict(parse_qsl((await request.body()).decode()))
        found = next((one for one in self.books.refunds.values() if one.number == request.path_params["number"]), None)
        if found is None or form.get("state") not in ("SUCCESS", "ABNORMAL", "CLOSED"):
            return switches.no(404, "no_refund")
        self.books.finish(found, form["state"])
        if found.channel == "wechat":
            self.wechat.tell_refund(found)
        return RedirectResponse("/pay/" + words(request, "", "?lang=en"), status_code=303)

    def panel(self, request: Request) -> Response:
        """Show the faults, the newest orders and refunds."""
        title = words(request, "支付渠道（模拟）", "Payment channels (simulated)")
        orders = list(self.books.orders.values())[-SHOWN:][::-1]
        refunds = list(self.books.refunds.values())[-SHOWN:][::-1]
        body = h(
            "main",
            h("header", h("h1", title), class_="bar"),
            switches.form(request, "pay", self.books.faults, LABELS),
            h("h2", words(request, "订单", "Orders")),
            h("ul", *(self._order(request, one) for one in orders), class_="phones"),
            h("h2", words(request, "退款", "Refunds")),
            h("ul", *(self._refund(request, one) for one in refunds), class_="phones"),
            class_="panel",
        )
        return page(request, title=title, body=body)

    def _order(self, request: Request, one: Order) -> Html:
        says = f"{one.number} · ¥{money.yuan(one.fen)} · {words(request, *STATES[one.state])}"
        return h("li", h("a", says, href=f"/pay/sheet/{one.code}"))

    def _refund(self, request: Request, one: Refund) -> Html:
        says = f"{one.number} · ¥{money.yuan(one.fen)} · {one.state} "
        if one.state in ("SUCCESS", "CLOSED"):
            return h("li", says)
        done = h("button", words(request, "完成", "Finish"), name="state", value="SUCCESS")
        shut = h("button", words(request, "关闭", "Close"), name="state", value="CLOSED", class_="plain")
        return h("li", says, h("form", done, shut, method="post", action=f"/pay/refunds/{one.number}"))


def _fact(name: str, value: str) -> tuple[Html, Html]:
    return h("dt", name), h("dd", value)


def _sheet(request: Request, order: Order) -> str:
    return f"{request.url.scheme}://{request.url.netloc}/pay/sheet/{order.code}?{urlencode({'channel': order.channel})}"
