"""A thin client of WeChat Pay API v3: JSAPI, Native and H5 orders, queries, refunds, calls and bills.

Each request is signed with the merchant's key; each 2xx answer and each call is verified with the platform's over its raw bytes.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import httpx
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.payments.channels.facts import Asked, Bill, Called, Order, RefundTold, Told
from bancheng.kernel.payments.rules import Movement, RefundState, Trade
from bancheng.lib import money
from bancheng.lib.refusal import Garbled, Unavailable

AGE_SECONDS = 300  # a call may be this far from now
SIGNED_BY = "WECHATPAY2-SHA256-RSA2048"
PROBE = "WECHATPAY/SIGNTEST/"
TRADES = {
    "SUCCESS": Trade.PAID,
    "REFUND": Trade.PAID,
    "NOTPAY": Trade.WAITING,
    "USERPAYING": Trade.WAITING,
    "PAYERROR": Trade.WAITING,
    "CLOSED": Trade.CLOSED,
    "REVOKED": Trade.CLOSED,
}
REFUNDS = {
    "SUCCESS": RefundState.SUCCESS,
    "PROCESSING": RefundState.PROCESSING,
    "ABNORMAL": RefundState.ABNORMAL,
    "CLOSED": RefundState.CLOSED,
}
# an answer of 4xx is not signed: only a code of WeChat's own is believed, a proxy's "not found" is no answer
NO_ORDER = frozenset({"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS"})
OVER = frozenset({"ORDER_CLOSED", "ORDERCLOSED", "ORDERPAID", "ORDER_PAID"}) | NO_ORDER
# a refund that is refused for these is a person's; for anything else (no money, too many, our own key) it is asked for again
FOR_A_PERSON = frozenset({"USER_ACCOUNT_ABNORMAL", "PARAM_ERROR", "INVALID_REQUEST", "RESOURCE_NOT_EXISTS"})


@dataclass
class Wechat:
    """The merchant's side. Keys are PEM texts, `apiv3_key` 32 characters."""

    http: httpx.Client
    base_url: str
    mchid: str
    appid: str
    serial: str
    private_key: str
    apiv3_key: str
    platform_serial: str
    platform_key: str
    notify_url: str

    def check(self) -> None:
        """Raise ValueError unless the keys can be used."""
        if len(self.apiv3_key.encode()) != 32:
            raise ValueError("the APIv3 key has 32 characters")
        if not (self._merchant.key_size and self._platform.key_size):
            raise ValueError("the keys are RSA keys")

    def prepare(self, order: Order) -> Mapping[str, Any]:
        """Ask for an order: JSAPI inside WeChat, H5 outside of it."""
        body: dict[str, Any] = {
            "appid": self.appid,
            "mchid": self.mchid,
            "description": order.description,
            "out_trade_no": order.number,
            "time_expire": order.pay_before.isoformat(timespec="seconds"),
            "notify_url": self.notify_url,
            "amount": {"total": order.amount_fen, "currency": "CNY"},
        }
        if order.openid:
            answer = self._must("POST", "/v3/pay/transactions/jsapi", {**body, "payer": {"openid": order.openid}})
            return {"jsapi": self.jsapi(_text(answer, "prepay_id"))}
        # WeChat compares this with where the sheet is opened from
        body["scene_info"] = {"payer_client_ip": order.payer_ip or "127.0.0.1", "h5_info": {"type": "Wap"}}
        url = _text(self._must("POST", "/v3/pay/transactions/h5", body), "h5_url")
        return {"url": f"{url}&{urlencode({'redirect_url': order.return_url})}" if order.return_url else url}

    def native(self, order: Order) -> str:
        """Ask for an order that is paid by scanning; return its code_url."""
        body = {
            "appid": self.appid,
            "mchid": self.mchid,
            "description": order.description,
            "out_trade_no": order.number,
            "notify_url": self.notify_url,
            "amount": {"total": order.amount_fen, "currency": "CNY"},
        }
        return _text(self._must("POST", "/v3/pay/transactions/native", body), "code_url")

    def jsapi(self, prepay_id: str) -> dict[str, str]:
        """Return the parameters the page gives to WeChat's own pay sheet."""
        now, nonce, package = str(int(_now())), secrets.token_hex(16), f"prepay_id={prepay_id}"
        signed = self._sign(f"{self.appid}\n{now}\n{nonce}\n{package}\n")
        return {
            "appId": self.appid,
            "timeStamp": now,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": signed,
        }

    def query(self, number: str) -> Told:
        """Return what WeChat says of an order."""
        try:
            answer = self._ask("GET", f"/v3/pay/transactions/out-trade-no/{number}?mchid={self.mchid}")
        except _RefusedError as no:
            if no.code in NO_ORDER:
                return Told(number, Trade.UNKNOWN)
            raise Unavailable(f"wechat: {no}") from None
        return self._trade(answer, number)

    def close(self, number: str) -> None:
        """Close an order; one that is closed already stays so."""
        try:
            self._ask("POST", f"/v3/pay/transactions/out-trade-no/{number}/close", {"mchid": self.mchid})
        except _RefusedError as no:
            if no.code not in OVER:
                raise Unavailable(f"wechat: {no}") from None

    def refund(self, asked: Asked) -> RefundTold:
        """Ask for a refund. An answer that is no answer is Unavailable: the refund is unknown then."""
        body = {
            "out_trade_no": asked.order,
            "out_refund_no": asked.number,
            "reason": asked.reason,
            "notify_url": self.notify_url,
            "amount": {"refund": asked.amount_fen, "total": asked.total_fen, "currency": "CNY"},
        }
        try:
            return self._refund(self._ask("POST", "/v3/refund/domestic/refunds", body), asked.number)
        except _RefusedError as no:
            if no.code in FOR_A_PERSON:
                return RefundTold(asked.number, RefundState.ABNORMAL, asked.amount_fen, str(no))
            raise Unavailable(f"wechat: {no}") from None

    def query_refund(self, order: str, number: str) -> RefundTold:
        """Return what WeChat says of a refund."""
        try:
            return self._refund(self._ask("GET", f"/v3/refund/domestic/refunds/{number}"), number)
        except _RefusedError as no:
            if no.code in NO_ORDER:
                return RefundTold(number, None)
            raise Unavailable(f"wechat: {no}") from None

    def called(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Called:
        """Verify, open and read a call."""
        self._verify({name.lower(): value for name, value in headers.items()}, body, at.timestamp())
        try:
            call = json.loads(body)
            sealed = call["resource"]
            opened = AESGCM(self.apiv3_key.encode()).decrypt(
                sealed["nonce"].encode(),
                base64.b64decode(sealed["ciphertext"]),
                sealed.get("associated_data", "").encode(),
            )
            told, kind, notice = json.loads(opened), str(call["event_type"]), str(call["id"])[:80]
        except (ValueError, KeyError, TypeError, AttributeError, InvalidTag) as error:
            raise Garbled(f"wechat: a call cannot be opened ({type(error).__name__})") from None
        if not isinstance(told, dict) or told.get("mchid") != self.mchid:
            raise Garbled("wechat: a call for another merchant")
        if kind.startswith("REFUND."):
            return Called(notice, self._refund({**told, "status": told.get("refund_status")}, ""))
        if told.get("appid") != self.appid:
            raise Garbled("wechat: a call for another app")
        return Called(notice, self._trade(told, ""))

    def bill(self, day: date) -> Bill:
        """Fetch a day's bill of payments and refunds; its hash is checked, for the download is not signed."""
        try:
            answer = self._ask("GET", f"/v3/bill/tradebill?bill_date={day.isoformat()}&bill_type=ALL")
        except _RefusedError as no:
            if no.code == "NO_STATEMENT_EXIST":
                return Bill(day, ())
            raise Unavailable(f"wechat: {no}") from None
        url = _text(answer, "download_url")
        if not url.startswith(self.base_url):
            raise Garbled("wechat: the bill is somewhere else")
        content = self._send("GET", url.removeprefix(self.base_url), b"").content
        if hashlib.sha1(content, usedforsecurity=False).hexdigest() != answer.get("hash_value"):
            raise Garbled("wechat: the bill is not the one that was promised")
        return Bill(day, read_bill(content))

    # --- what is said and heard ---

    def _trade(self, told: Mapping[str, Any], number: str) -> Told:
        try:
            state = TRADES[told["trade_state"]]
            found = Told(told["out_trade_no"], state)
            if state is Trade.PAID:
                amount = told["amount"]["total"]
                at = datetime.fromisoformat(told["success_time"])
                found = Told(found.number, state, _fen(amount), str(told["transaction_id"]), at)
        except (KeyError, TypeError, ValueError) as error:
            raise Garbled(f"wechat: an order cannot be read ({type(error).__name__})") from None
        _about(number, found)
        return found

    def _refund(self, told: Mapping[str, Any], number: str) -> RefundTold:
        try:
            amount = _fen(told["amount"]["refund"])
            found = RefundTold(told["out_refund_no"], REFUNDS[told["status"]], amount, told["status"])
        except (KeyError, TypeError, ValueError) as error:
            raise Garbled(f"wechat: a refund cannot be read ({type(error).__name__})") from None
        _about(number, found)
        return found

    def _must(self, method: str, path: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for what there is no lawful no to. Raises Unavailable, Garbled."""
        try:
            return self._ask(method, path, said)
        except _RefusedError as no:
            raise Unavailable(f"wechat: {no}") from None

    def _ask(self, method: str, path: str, said: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Send a signed request, verify the answer, and return it read. Raises _RefusedError, Unavailable, Garbled."""
        body = json.dumps(said, ensure_ascii=False).encode() if said is not None else b""
        answer = self._send(method, path, body)
        if answer.status_code >= 500:
            raise Unavailable(f"wechat: answered {answer.status_code}")
        if answer.status_code >= 400:
            raise _RefusedError(answer)
        self._verify({name.lower(): value for name, value in answer.headers.items()}, answer.content, _now())
        if not answer.content:
            return {}
        try:
            read = answer.json()
        except ValueError:
            raise Garbled("wechat: an answer cannot be read") from None
        if not isinstance(read, dict):
            raise Garbled("wechat: an answer cannot be read")
        return read

    def _send(self, method: str, path: str, body: bytes) -> httpx.Response:
        now, nonce = str(int(_now())), secrets.token_hex(16)
        signed = self._sign(f"{method}\n{path}\n{now}\n{nonce}\n{body.decode()}\n")
        said = {
            "mchid": self.mchid,
            "nonce_str": nonce,
            "signature": signed,
            "timestamp": now,
            "serial_no": self.serial,
        }
        headers = {
            "Authorization": f"{SIGNED_BY} " + ",".join(f'{name}="{value}"' for name, value in said.items()),
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Wechatpay-Serial": self.platform_serial,
        }
        try:
            return self.http.request(method, self.base_url + path, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise Unavailable(f"wechat: {type(error).__name__}") from None

    def _sign(self, text: str) -> str:
        return base64.b64encode(self._merchant.sign(text.encode(), PKCS1v15(), SHA256())).decode()

    def _verify(self, headers: Mapping[str, str], body: bytes, now: float) -> None:
        """Raise Garbled unless the platform itself signed these bytes lately."""
        try:
            at, nonce = headers["wechatpay-timestamp"], headers["wechatpay-nonce"]
            signature, serial = headers["wechatpay-signature"], headers["wechatpay-serial"]
            kind = headers.get("wechatpay-signature-type", SIGNED_BY)
            late = abs(now - int(at)) > AGE_SECONDS
            raw = base64.b64decode(signature, validate=True) if not signature.startswith(PROBE) else b""
        except (KeyError, ValueError):
            raise Garbled("wechat: not signed") from None
        if kind != SIGNED_BY or serial != self.platform_serial:
            raise Garbled("wechat: signed with a key that is not the platform's")
        if late:
            raise Garbled("wechat: signed too long ago")
        try:
            self._platform.verify(raw, f"{at}\n{nonce}\n".encode() + body + b"\n", PKCS1v15(), SHA256())
        except InvalidSignature:
            raise Garbled("wechat: the signature is wrong") from None

    @cached_property
    def _merchant(self) -> RSAPrivateKey:
        return merchant_key(self.private_key)

    @cached_property
    def _platform(self) -> RSAPublicKey:
        return platform_key(self.platform_key)


class _RefusedError(Exception):
    """The channel read the request and said no."""

    def __init__(self, answer: httpx.Response) -> None:
        try:
            read = answer.json()
            self.code = str(read.get("code", ""))
            says = str(read.get("message", ""))
        except (ValueError, AttributeError):
            self.code, says = "", ""
        self.status = answer.status_code
        super().__init__(f"{self.status} {self.code} {says}"[:200])


def merchant_key(pem: str) -> RSAPrivateKey:
    """Return our own key. Raises ValueError, as any PEM that is none."""
    key = load_pem_private_key(pem.encode(), None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("the merchant's key is no RSA key")
    return key


def platform_key(pem: str) -> RSAPublicKey:
    """Return the channel's key, from a public key or from a certificate. Raises ValueError, as any PEM that is none."""
    text = pem.encode()
    key = load_pem_x509_certificate(text).public_key() if b"CERTIFICATE" in text else load_pem_public_key(text)
    if not isinstance(key, RSAPublicKey):
        raise ValueError("the platform's key is no RSA key")
    return key


def _now() -> float:
    return clocks.real_now().timestamp()


def _about(number: str, found: Told | RefundTold) -> None:
    if number and found.number != number:
        raise Garbled("wechat: the answer is about something else")


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise Garbled(f"wechat: the answer has no {name}")
    return value


def _fen(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no amount")
    return value


def read_bill(content: bytes) -> tuple[Movement, ...]:
    """Read a bill: a line a movement, each field behind a back-quote, amounts in yuan, a summary of two lines at its end."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
        # the head has no back-quotes; in a row a comma may stand inside of a field, never before a back-quote
        head = [field.strip() for field in lines[0].split(",")]
        rows = [[field.strip() for field in line.removeprefix("`").split(",`")] for line in lines if line.strip()]
        paid, state = head.index("应结订单金额"), head.index("交易状态")
        order, refund, back = head.index("商户订单号"), head.index("商户退款单号"), head.index("退款金额")
        found = []
        for row in rows[1:-2]:
            if row[state] == "REFUND":
                found.append(Movement(row[refund], -money.fen(row[back])))
            else:
                found.append(Movement(row[order], money.fen(row[paid])))
    except (IndexError, ValueError):
        raise Garbled("wechat: the bill cannot be read") from None
    return tuple(found)
