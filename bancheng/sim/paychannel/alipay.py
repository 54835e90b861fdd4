"""Alipay's open gateway as the platform speaks it: one address for all methods, RSA2 both ways, notices as form posts."""

import base64
import csv
import io
import json
import secrets
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bancheng.lib import money, paykeys
from bancheng.lib.days import SHANGHAI
from bancheng.lib.paykeys import Keys
from bancheng.sim.paychannel.books import Books, Order, Refund, old, spoken
from bancheng.sim.paychannel.calling import Call

CHANNEL = "alipay"
STATES = {"NOTPAY": "WAIT_BUYER_PAY", "SUCCESS": "TRADE_SUCCESS", "CLOSED": "TRADE_CLOSED"}
Said = dict[str, Any]


class Alipay:
    """One merchant's platform. `sheet` gives the address of an order's pay sheet, `call` sends a notice."""

    def __init__(
        self,
        books: Callable[[], Books],
        keys: Keys,
        sheet: Callable[[Request, Order], str],
        call: Callable[[Call], None],
    ) -> None:
        self.books, self.keys, self.sheet, self.call = books, keys, sheet, call
        self.platform: Any = load_pem_private_key(keys.platform.private.encode(), None)
        self.merchant: Any = load_pem_public_key(keys.merchant.public.encode())

    def routes(self, below: str) -> list[Route]:
        """Return the gateway's door, and the bills'."""
        return [
            Route(below + "/gateway.do", self.gateway, methods=["GET", "POST"]),
            Route(below + "/bill", self.downloaded, methods=["GET"]),
        ]

    async def gateway(self, request: Request) -> Response:
        """Take a signed request; the browser comes with one too, and is led to the sheet."""
        text = request.url.query if request.method == "GET" else (await request.body()).decode()
        fields = dict(parse_qsl(text, keep_blank_values=True))
        if not self._from_merchant(fields):
            return self.answer(
                fields.get("method", "error"),
                {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-signature"},
            )
        said = json.loads(fields.get("biz_content", "{}"))
        if fields["method"] == "alipay.trade.wap.pay":
            return self.opened(request, fields, said)
        views: Mapping[str, Callable[[Request, Said], Said]] = {
            "alipay.trade.query": self.queried,
            "alipay.trade.close": self.closed,
            "alipay.trade.refund": self.refunded,
            "alipay.trade.fastpay.refund.query": self.refund_queried,
            "alipay.data.dataservice.bill.downloadurl.query": self.billed,
        }
        view = views.get(fields["method"])
        return self.answer(fields["method"], view(request, said) if view else _no("isv.invalid-method", code="40004"))

    def opened(self, request: Request, fields: Mapping[str, str], said: Said) -> Response:
        """Make the order when its payer comes, and lead him to the sheet."""
        try:
            fen = money.fen(said["total_amount"])
            expires = _instant(said["time_expire"]) if "time_expire" in said else 0.0
            notify = fields.get("notify_url", "")
            order = Order(CHANNEL, said["out_trade_no"], fen, said["subject"], notify, expires_at=expires)
            order.return_url = fields.get("return_url", "")
            order = self.books().order(order)
        except (KeyError, ValueError, TypeError):
            return Response("the order cannot be read", 400)
        if self.books().faults.pay_before_answer or self.books().faults.pay_by_itself:
            self.pay(order)
        return RedirectResponse(self.sheet(request, order), status_code=302)

    def queried(self, request: Request, said: Said) -> Said:
        order = self._order(said)
        return _no("ACQ.TRADE_NOT_EXIST") if order is None else _yes(self._trade(order))

    def closed(self, request: Request, said: Said) -> Said:
        order = self._order(said)
        if order is None:
            return _no("ACQ.TRADE_NOT_EXIST")
        if not self.books().close(order):
            return _no("ACQ.TRADE_STATUS_ERROR")
        return _yes({"out_trade_no": order.number})

    def refunded(self, request: Request, said: Said) -> Said:
        order = self._order(said)
        if order is None or order.state != "SUCCESS":
            return _no("ACQ.TRADE_NOT_EXIST")
        try:
            refund, new = self.books().refund(
                order, said["out_request_no"], money.fen(said["refund_amount"]), order.notify_url
            )
        except (KeyError, ValueError, TypeError):
            return _no("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
        if not new and refund.state != "SUCCESS" and not self.books().faults.refunds_stay:
            self.books().finish(refund, "SUCCESS")  # asked for again under its number, it is carried out
            new = True
        moved = "Y" if new and refund.state == "SUCCESS" else "N"
        if moved == "Y":
            self.tell(order, {"gmt_refund": spoken(refund.at), "refund_fee": money.yuan(self.books().returned(order))})
        return _yes(
            {"out_trade_no": order.number, "fund_change": moved, "refund_fee": money.yuan(self.books().returned(order))}
        )

    def refund_queried(self, request: Request, said: Said) -> Said:
        refund = self.books().refunds.get((CHANNEL, str(said.get("out_request_no"))))
        if refund is None or refund.order != said.get("out_trade_no"):
            return _yes({})
        told: Said = {
            "out_trade_no": refund.order,
            "out_request_no": refund.number,
            "refund_amount": money.yuan(refund.fen),
        }
        return _yes({**told, **({"refund_status": "REFUND_SUCCESS"} if refund.state == "SUCCESS" else {})})

    def billed(self, request: Request, said: Said) -> Said:
        day = str(said.get("bill_date"))
        if not self.books().has_bill(date.fromisoformat(day)) or self.bill(date.fromisoformat(day)) is None:
            return _no("isp.bill_not_exist", code="40004")
        base = f"{request.url.scheme}://{request.url.netloc}{request.url.path.removesuffix('/gateway.do')}"
        return _yes({"bill_download_url": f"{base}/bill?{urlencode({'day': day})}"})

    async def downloaded(self, request: Request) -> Response:
        """Give out a bill: a zip with a CSV in Alipay's own encoding."""
        text = self.bill(date.fromisoformat(request.query_params["day"])) or ""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("bill.csv", text.encode("gb18030"))
        return Response(file.getvalue(), media_type="application/zip")

    def bill(self, day: date) -> str | None:
        """Return a day's bill, or None when nothing moved."""
        books = self.books()
        rows = [self._row(one, fen) for one, fen in books.billed(CHANNEL, day)]
        if books.faults.bill_extra_row:
            rows.append(["x" * 6, "extra-row-0001", "交易", "1.00", ""])
        if not rows:
            return None
        file = io.StringIO()
        file.write(f"#支付宝业务明细查询\n#起始日期：[{day}]\n")
        csv.writer(file).writerows(
            [["支付宝交易号", "商户订单号", "业务类型", "订单金额（元）", "退款批次号/请求号"], *rows]
        )
        file.write(f"#合计：{len(rows)}笔\n")
        return file.getvalue()

    def _row(self, one: Order | Refund, fen: int) -> list[str]:
        if isinstance(one, Order):
            return [one.ref, f"{one.number}\t", "交易", money.yuan(fen), ""]
        return [one.ref, f"{one.order}\t", "退款", "-" + money.yuan(fen), f"{one.number}\t"]

    # --- what the payer does, and what is told of ---

    def pay(self, order: Order) -> bool:
        """Let the payer pay and tell the merchant."""
        if not self.books().pay(order):
            return False
        self.tell(order, {})
        return True

    def tell(self, order: Order, more: Mapping[str, str]) -> None:
        """Tell the merchant of an order; after a refund in part Alipay tells of the payment again."""
        if not order.notify_url:
            return
        notice = secrets.token_hex(17)
        self.call(Call(CHANNEL, order.notify_url, lambda: self._notice(order, more, notice)))

    def _notice(self, order: Order, more: Mapping[str, str], notice: str) -> tuple[bytes, dict[str, str]]:
        faults, at = self.books().faults, self.books().clock()
        fen = order.fen + (1 if faults.wrong_amount else 0)
        fields = {
            "notify_id": notice,
            "notify_type": "trade_status_sync",
            "notify_time": spoken(old(at) if faults.old_call else at),
            "app_id": paykeys.ALIPAY_APP,
            "seller_id": paykeys.SELLER,
            "charset": "utf-8",
            "version": "1.0",
            **{name: str(value) for name, value in self._trade(order, fen).items()},
            "gmt_payment": spoken(order.paid_at),
            **more,
        }
        signed = "wrong" if faults.wrong_signature else self._sign(_text(fields).encode())
        body = urlencode({**fields, "sign_type": "RSA2", "sign": signed}).encode()
        return body, {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}

    def _trade(self, order: Order, fen: int | None = None) -> Said:
        told: Said = {
            "out_trade_no": order.number,
            "trade_status": STATES[order.state],
            "total_amount": money.yuan(order.fen if fen is None else fen),
            "trade_no": order.ref,
        }
        if order.state == "SUCCESS":
            told["send_pay_date"] = spoken(order.paid_at)
        return told

    # --- signatures ---

    def answer(self, method: str, said: Said) -> Response:
        """Return a signed answer."""
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        signed = self._sign(("x" + text if self.books().faults.wrong_answer_signature else text).encode())
        name = method.replace(".", "_") + "_response"
        return Response(f'{{"{name}":{text},"sign":"{signed}"}}', media_type="application/json")

    def _sign(self, text: bytes) -> str:
        return base64.b64encode(self.platform.sign(text, PKCS1v15(), SHA256())).decode()

    def _from_merchant(self, fields: dict[str, str]) -> bool:
        said = {name: value for name, value in fields.items() if name != "sign"}
        try:
            self.merchant.verify(base64.b64decode(fields["sign"]), _text(said).encode(), PKCS1v15(), SHA256())
        except (KeyError, ValueError, InvalidSignature):
            return False
        return fields.get("app_id") == paykeys.ALIPAY_APP

    def _order(self, said: Said) -> Order | None:
        return self.books().orders.get((CHANNEL, str(said.get("out_trade_no"))))


def _yes(said: Said) -> Said:
    return {"code": "10000", "msg": "Success", **said}


def _no(sub_code: str, code: str = "40004") -> Said:
    return {"code": code, "msg": "Business Failed", "sub_code": sub_code}


def _instant(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI).timestamp()


def _text(fields: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(fields.items()) if value != "")
