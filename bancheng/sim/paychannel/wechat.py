"""WeChat Pay API v3 as the platform speaks it: checks the merchant's signature, signs its answers and calls, seals what it calls about."""

import base64
import gzip
import hashlib
import json
import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bancheng.lib import money, paykeys
from bancheng.lib.paykeys import Keys
from bancheng.sim.paychannel.books import Books, Order, Refund, old, spoken, stamp
from bancheng.sim.paychannel.calling import Call

CHANNEL = "wechat"
SIGNED = re.compile(r'(\w+)="([^"]*)"')
AGE_SECONDS = 300
HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,"
    "代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,"
    "申请退款金额,费率备注"
)  # of bill_type=ALL
SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
COLUMNS = HEAD.split(",")
BLANK = {column: "0.00" for column in COLUMNS if column.endswith("金额")} | {"手续费": "0.00000"}
NUMBER = re.compile(r"[0-9A-Za-z_\-|*]{6,32}\Z")


class Wechat:
    """One merchant's platform. `sheet` gives the address of an order's pay sheet, `call` sends a call."""

    def __init__(
        self,
        books: Callable[[], Books],
        keys: Keys,
        sheet: Callable[[Request, Order], str],
        call: Callable[[Call], None],
    ) -> None:
        self.books, self.keys, self.sheet, self.call = books, keys, sheet, call
        self.codes: dict[str, str] = {}  # of the sign-in: code -> payer
        self.platform: Any = load_pem_private_key(keys.platform.private.encode(), None)
        self.merchant: Any = load_pem_public_key(keys.merchant.public.encode())

    def routes(self, below: str) -> list[Route]:
        """Return the platform's doors."""
        doors: dict[tuple[str, str], Callable[[Request, dict[str, Any]], Awaitable[Response]]] = {
            ("POST", "/v3/pay/transactions/{kind}"): self.ordered,
            ("GET", "/v3/pay/transactions/out-trade-no/{number}"): self.queried,
            ("POST", "/v3/pay/transactions/out-trade-no/{number}/close"): self.closed,
            ("POST", "/v3/refund/domestic/refunds"): self.refunded,
            ("GET", "/v3/refund/domestic/refunds/{number}"): self.refund_queried,
            ("GET", "/v3/bill/tradebill"): self.billed,
            ("GET", "/v3/billdownload/file"): self.downloaded,
        }
        payer = [
            Route("/wechat/authorize", self.authorized, methods=["GET"]),
            Route("/wechat/access_token", self.told_payer, methods=["GET"]),
        ]
        return payer + [
            Route(below + path, self._signed(below, view), methods=[method]) for (method, path), view in doors.items()
        ]

    # --- the silent sign-in of payers; its errors come with 200, as WeChat's do ---

    async def authorized(self, request: Request) -> Response:
        """Send the payer back with a code that is good for once."""
        asked = request.query_params
        if asked.get("appid") != paykeys.APP_ID or asked.get("scope") != "snsapi_base":
            return Response("another app", 400)
        code = secrets.token_hex(16)
        self.codes[code] = "o" + secrets.token_hex(13)
        said = urlencode({"code": code, "state": asked.get("state", "")})
        return RedirectResponse(f"{asked['redirect_uri']}?{said}", status_code=302)

    async def told_payer(self, request: Request) -> Response:
        asked = request.query_params
        if (asked.get("appid"), asked.get("secret")) != (paykeys.APP_ID, paykeys.APP_SECRET):
            return JSONResponse({"errcode": 40125, "errmsg": "invalid appsecret"})
        openid = self.codes.pop(asked.get("code", ""), "")
        if not openid:
            return JSONResponse({"errcode": 40029, "errmsg": "invalid code"})
        return JSONResponse({"openid": openid, "scope": "snsapi_base", "expires_in": 7200})

    # --- doors ---

    async def ordered(self, request: Request, said: dict[str, Any]) -> Response:
        books, kind = self.books(), request.path_params["kind"]
        if kind not in ("jsapi", "native", "h5"):
            return self.no(404, "NOT_FOUND", "no such product")
        if (said.get("mchid"), said.get("appid")) != (paykeys.MERCHANT, paykeys.APP_ID):
            return self.no(400, "MCH_NOT_EXISTS", "another merchant")
        try:
            number, fen = said["out_trade_no"], said["amount"]["total"]
            openid = said["payer"]["openid"] if kind == "jsapi" else ""
            expires = datetime.fromisoformat(said["time_expire"]).timestamp() if "time_expire" in said else 0.0
            if not NUMBER.match(number) or type(fen) is not int or fen <= 0 or "?" in said["notify_url"]:
                raise ValueError
            order = Order(
                CHANNEL, number, fen, said["description"], said["notify_url"], openid=openid, expires_at=expires
            )
        except (KeyError, TypeError, ValueError):
            return self.no(400, "PARAM_ERROR", "the order cannot be read")
        try:
            order = books.order(order)
        except ValueError:
            return self.no(400, "OUT_TRADE_NO_USED", "the number is used")
        if order.state == "SUCCESS":
            return self.no(400, "ORDERPAID", "paid already")
        if books.faults.pay_before_answer or books.faults.pay_by_itself:
            self.pay(order)
        sheet = self.sheet(request, order)
        answer = {
            "jsapi": {"prepay_id": f"wx{order.code}"},
            "native": {"code_url": f"weixin://wxpay/bizpayurl?pr={order.code}"},
        }
        return self.yes(answer.get(kind, {"h5_url": sheet}))

    async def queried(self, request: Request, said: dict[str, Any]) -> Response:
        order = self._order(request)
        if order is None:
            return self.no(404, "ORDER_NOT_EXIST", "no such order")
        return self.yes(self._trade(order))

    async def closed(self, request: Request, said: dict[str, Any]) -> Response:
        order = self._order(request)
        if order is None:
            return self.no(404, "ORDER_NOT_EXIST", "no such order")
        if not self.books().close(order):
            return self.no(400, "ORDERPAID", "paid already")
        return self.yes(None, 204)

    async def refunded(self, request: Request, said: dict[str, Any]) -> Response:
        books = self.books()
        order = books.orders.get((CHANNEL, str(said.get("out_trade_no"))))
        if order is None or order.state != "SUCCESS":
            return self.no(404, "RESOURCE_NOT_EXISTS", "no such paid order")
        try:
            amount = said["amount"]
            if amount["total"] != order.fen or amount["currency"] != "CNY":
                raise ValueError
            refund, new = books.refund(order, said["out_refund_no"], amount["refund"], said.get("notify_url", ""))
        except (KeyError, TypeError, ValueError):
            return self.no(400, "INVALID_REQUEST", "the refund does not fit the order")
        if new and refund.state != "PROCESSING":
            self.tell_refund(refund)
        shown = {**self._refund(refund), "status": "PROCESSING" if new and refund.state == "SUCCESS" else refund.state}
        return self.yes(shown)

    async def refund_queried(self, request: Request, said: dict[str, Any]) -> Response:
        refund = self.books().refunds.get((CHANNEL, request.path_params["number"]))
        if refund is None:
            return self.no(404, "RESOURCE_NOT_EXISTS", "no such refund")
        return self.yes(self._refund(refund))

    async def billed(self, request: Request, said: dict[str, Any]) -> Response:
        day = request.query_params.get("bill_date", "")
        if not self.books().has_bill(date.fromisoformat(day)):
            return self.no(400, "STATEMENT_CREATING", "not before ten on the next day")
        content = self.bill(date.fromisoformat(day))
        if content is None:
            return self.no(400, "NO_STATEMENT_EXIST", "nothing moved")
        url = f"{request.url.scheme}://{request.url.netloc}{request.url.path.rsplit('/v3/', 1)[0]}/v3/billdownload/file?token={day}"
        if request.query_params.get("tar_type") == "GZIP":
            url += "&tartype=gzip"  # the digest is of what is inside
        digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        return self.yes({"hash_type": "SHA1", "hash_value": digest, "download_url": url})

    async def downloaded(self, request: Request, said: dict[str, Any]) -> Response:
        content = self.bill(date.fromisoformat(request.query_params["token"])) or b""
        content = gzip.compress(content) if request.query_params.get("tartype") == "gzip" else content
        return Response(content, media_type="text/plain")

    # --- what the payer does, and what is called about ---

    def pay(self, order: Order) -> bool:
        """Let the payer pay and call the merchant."""
        if not self.books().pay(order):
            return False
        told = self._trade(order)
        if self.books().faults.wrong_amount:
            told["amount"] = {**told["amount"], "total": order.fen + 1}
        self.call(
            Call(
                CHANNEL, order.notify_url, lambda: self._call("TRANSACTION.SUCCESS", "transaction", told, order.number)
            )
        )
        return True

    def tell_refund(self, refund: Refund) -> None:
        """Call the merchant about a refund that is final or abnormal."""
        if not refund.notify_url:
            return
        told = {**self._refund(refund), "refund_status": refund.state}
        told.pop("status")
        self.call(
            Call(
                CHANNEL, refund.notify_url, lambda: self._call(f"REFUND.{refund.state}", "refund", told, refund.number)
            )
        )

    def bill(self, day: date) -> bytes | None:
        """Return a day's bill, or None when nothing moved."""
        books = self.books()
        rows = [self._row(one, fen) for one, fen in books.billed(CHANNEL, day)]
        if books.faults.bill_extra_row:
            rows.append({"商户订单号": "extra-row-0001", "交易状态": "SUCCESS", "应结订单金额": "1.00"})
        if not rows:
            return None
        paid, back = (_total(rows, column) for column in ("应结订单金额", "退款金额"))
        lines = [
            HEAD,
            *(",".join(f"`{row.get(column, BLANK.get(column, ''))}" for column in COLUMNS) for row in rows),
            SUMMARY,
            ",".join(f"`{value}" for value in (len(rows), paid, back, "0.00", "0.00000", paid, back)),
        ]
        return ("\ufeff" + "".join(f"{line}\r\n" for line in lines)).encode()

    def _row(self, one: Order | Refund, fen: int) -> dict[str, str]:
        who = {"公众账号ID": paykeys.APP_ID, "商户号": paykeys.MERCHANT, "货币种类": "CNY", "费率": "0.60%"}
        order = self.books().orders[CHANNEL, one.number if isinstance(one, Order) else one.order]
        row = {**who, "微信订单号": order.ref, "商户订单号": order.number, "商品名称": f"{order.subject},充电"}
        if isinstance(one, Order):
            sums = {"应结订单金额": money.yuan(fen), "订单金额": money.yuan(fen)}
            return {**row, **sums, "交易时间": spoken(one.paid_at), "交易状态": "SUCCESS"}
        sums = {"退款金额": money.yuan(fen), "申请退款金额": money.yuan(fen)}
        told = {"微信退款单号": one.ref, "商户退款单号": one.number, "退款类型": "ORIGINAL", "退款状态": one.state}
        return {**row, **sums, **told, "交易时间": spoken(one.at), "交易状态": "REFUND"}

    def _call(self, event: str, kind: str, told: dict[str, Any], about: str) -> tuple[bytes, dict[str, str]]:
        """Return body and headers of a call, signed now."""
        faults, nonce, extra = self.books().faults, secrets.token_hex(6), kind
        sealed = AESGCM(self.keys.apiv3.encode()).encrypt(nonce.encode(), json.dumps(told).encode(), extra.encode())
        resource = {
            "algorithm": "AEAD_AES_256_GCM",
            "original_type": kind,
            "ciphertext": base64.b64encode(sealed).decode(),
            "nonce": nonce,
            "associated_data": extra,
        }
        # a call that is repeated has the number of the first
        notice = hashlib.sha256(f"{event} {about}".encode()).hexdigest()[:36]
        said = {"id": notice, "create_time": stamp(self.books().clock()), "resource_type": "encrypt-resource"}
        body = json.dumps(
            {**said, "event_type": event, "summary": event, "resource": resource}, ensure_ascii=False
        ).encode()
        at = self.books().clock()
        headers = self._head(body, old(at) if faults.old_call else at)
        if faults.wrong_signature:
            headers["Wechatpay-Signature"] = base64.b64encode(b"x" * 256).decode()
        if faults.probe_call:
            headers["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + headers["Wechatpay-Signature"]
        return body, {**headers, "Content-Type": "application/json"}

    def _trade(self, order: Order) -> dict[str, Any]:
        told: dict[str, Any] = {
            "appid": paykeys.APP_ID,
            "mchid": paykeys.MERCHANT,
            "out_trade_no": order.number,
            "trade_state": order.state,
            "trade_state_desc": order.state,
            "amount": {"total": order.fen, "payer_total": order.fen, "currency": "CNY"},
        }
        if order.state == "SUCCESS":
            told |= {"transaction_id": order.ref, "success_time": stamp(order.paid_at), "trade_type": "MWEB"}
            if self.books().returned(order):
                told["trade_state"] = "REFUND"
        return told

    def _refund(self, refund: Refund) -> dict[str, Any]:
        return {
            "mchid": paykeys.MERCHANT,
            "refund_id": refund.ref,
            "out_refund_no": refund.number,
            "out_trade_no": refund.order,
            "status": refund.state,
            "create_time": stamp(refund.at),
            "amount": {"total": 0, "refund": refund.fen, "payer_refund": refund.fen, "currency": "CNY"},
        }

    # --- signatures ---

    def _signed(
        self, below: str, view: Callable[[Request, dict[str, Any]], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Return a door that only the merchant's signature opens."""

        async def door(request: Request) -> Response:
            body = await request.body()
            path = request.url.path.removeprefix(below) + (f"?{request.url.query}" if request.url.query else "")
            parts = dict(SIGNED.findall(request.headers.get("authorization", "")))
            text = (
                f"{request.method}\n{path}\n{parts.get('timestamp')}\n{parts.get('nonce_str')}\n".encode()
                + body
                + b"\n"
            )
            try:
                if (
                    abs(self.books().clock() - int(parts["timestamp"])) > AGE_SECONDS
                    or parts["mchid"] != paykeys.MERCHANT
                ):
                    raise ValueError
                self.merchant.verify(base64.b64decode(parts["signature"]), text, PKCS1v15(), SHA256())
            except (KeyError, ValueError, InvalidSignature):
                return self.no(401, "SIGN_ERROR", "the signature is wrong")
            try:
                said = json.loads(body) if body else {}
                return await view(request, said if isinstance(said, dict) else {})
            except (ValueError, KeyError):
                return self.no(400, "PARAM_ERROR", "the request cannot be read")

        return door

    def yes(self, said: dict[str, Any] | None, status: int = 200) -> Response:
        """Return a signed answer."""
        body = b"" if said is None else json.dumps(said, ensure_ascii=False).encode()
        head = self._head(body, self.books().clock())
        if self.books().faults.wrong_answer_signature:
            head["Wechatpay-Signature"] = base64.b64encode(b"x" * 256).decode()
        return Response(body, status, head, "application/json")

    def no(self, status: int, code: str, says: str) -> Response:
        """Return a refusal."""
        return Response(json.dumps({"code": code, "message": says}), status, media_type="application/json")

    def _head(self, body: bytes, at: float) -> dict[str, str]:
        now, nonce = str(int(at)), secrets.token_hex(16)
        signed = self.platform.sign(f"{now}\n{nonce}\n".encode() + body + b"\n", PKCS1v15(), SHA256())
        return {
            "Wechatpay-Timestamp": now,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": paykeys.PLATFORM_SERIAL,
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
            "Wechatpay-Signature": base64.b64encode(signed).decode(),
        }

    def _order(self, request: Request) -> Order | None:
        return self.books().orders.get((CHANNEL, request.path_params["number"]))


def _total(rows: list[dict[str, str]], column: str) -> str:
    return money.yuan(sum(int(row.get(column, "0.00").replace(".", "")) for row in rows))
