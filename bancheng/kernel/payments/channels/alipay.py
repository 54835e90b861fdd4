"""A thin client of Alipay's open gateway: wap and precreate orders, queries, refunds, notices and bills. RSA2 over sorted `k=v`."""

import base64
import csv
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.payments.channels.facts import Asked, Bill, Called, Order, RefundTold, Told
from bancheng.kernel.payments.channels.wechat import merchant_key, platform_key
from bancheng.kernel.payments.rules import Movement, RefundState, Trade
from bancheng.lib import money
from bancheng.lib.days import SHANGHAI
from bancheng.lib.refusal import Garbled, Unavailable

AGE = timedelta(hours=26)  # notices come again for about a day, each with the time of the first
TRADES = {
    "WAIT_BUYER_PAY": Trade.WAITING,
    "TRADE_SUCCESS": Trade.PAID,
    "TRADE_FINISHED": Trade.PAID,
    "TRADE_CLOSED": Trade.CLOSED,
}
NO_TRADE = "ACQ.TRADE_NOT_EXIST"
NEVER = frozenset({"ACQ.TRADE_HAS_FINISHED", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "ACQ.BUYER_NOT_EXIST"})


@dataclass
class Alipay:
    """The merchant's side. Keys are PEM texts."""

    http: httpx.Client
    base_url: str
    app_id: str
    seller_id: str
    private_key: str
    platform_key: str
    notify_url: str

    def check(self) -> None:
        """Raise ValueError unless the keys can be used."""
        if not (self._merchant.key_size and self._platform.key_size):
            raise ValueError("the keys are RSA keys")

    def prepare(self, order: Order) -> Mapping[str, Any]:
        """Return the signed address that opens Alipay's sheet; Alipay hears of the order when somebody goes there."""
        content = {
            "out_trade_no": order.number,
            "total_amount": money.yuan(order.amount_fen),
            "subject": order.description,
            "product_code": "QUICK_WAP_WAY",
            "time_expire": order.pay_before.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
        }
        more = {"notify_url": self.notify_url, **({"return_url": order.return_url} if order.return_url else {})}
        return {"url": f"{self.base_url}?{urlencode(self._signed('alipay.trade.wap.pay', content, more))}"}

    def query(self, number: str) -> Told:
        """Return what Alipay says of an order; one that nobody opened is not known there."""
        answer = self._ask("alipay.trade.query", {"out_trade_no": number})
        if answer.get("sub_code") == NO_TRADE:
            return Told(number, Trade.UNKNOWN)
        self._fine(answer)
        return self._trade(answer, number, "send_pay_date")

    def close(self, number: str) -> None:
        """Close an order; one that Alipay never heard of needs no closing."""
        answer = self._ask("alipay.trade.close", {"out_trade_no": number})
        if answer.get("sub_code") not in (NO_TRADE, "ACQ.TRADE_STATUS_ERROR", "ACQ.REASON_TRADE_STATUS_INVALID"):
            self._fine(answer)

    def refund(self, asked: Asked) -> RefundTold:
        """Ask for a refund. Only fund_change=Y says that money moved; anything else is asked about by its number."""
        content = {
            "out_trade_no": asked.order,
            "out_request_no": asked.number,
            "refund_amount": money.yuan(asked.amount_fen),
            "refund_reason": asked.reason,
        }
        answer = self._ask("alipay.trade.refund", content)
        if answer.get("sub_code") in NEVER:
            return RefundTold(asked.number, RefundState.ABNORMAL, asked.amount_fen, str(answer["sub_code"]))
        self._fine(answer)
        if answer.get("fund_change") == "Y":
            return RefundTold(asked.number, RefundState.SUCCESS, asked.amount_fen, "fund_change=Y")
        found = self.query_refund(asked.order, asked.number)
        if found.state is None:
            raise Unavailable("alipay: the refund was taken and is not done yet")
        return found

    def query_refund(self, order: str, number: str) -> RefundTold:
        """Return what Alipay says of a refund: done, or nothing to rely on, and then it is asked for again under its number."""
        answer = self._ask("alipay.trade.fastpay.refund.query", {"out_trade_no": order, "out_request_no": number})
        if answer.get("sub_code") == NO_TRADE:
            return RefundTold(number, None)
        self._fine(answer)
        if answer.get("out_request_no") != number or answer.get("refund_status") != "REFUND_SUCCESS":
            return RefundTold(number, None)
        try:
            fen = money.fen(answer["refund_amount"])
        except (KeyError, ValueError, TypeError):
            raise Garbled("alipay: a refund cannot be read") from None
        return RefundTold(number, RefundState.SUCCESS, fen, "REFUND_SUCCESS")

    def called(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Called:
        """Verify and read a notice: a form whose fields are signed in order, without `sign` and `sign_type`."""
        try:
            fields = dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
            raw = base64.b64decode(fields.pop("sign"), validate=True)
        except (ValueError, KeyError):
            raise Garbled("alipay: not signed") from None
        fields.pop("sign_type", None)
        self._verify(raw, _text(fields).encode())
        if fields.get("app_id") != self.app_id or fields.get("seller_id") != self.seller_id:
            raise Garbled("alipay: a notice for another merchant")
        try:
            sent = datetime.strptime(fields["notify_time"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
            if abs(at - sent) > AGE:
                raise Garbled("alipay: a notice of another day")
            # a partial refund tells of the payment again: what is paid already stays paid once
            return Called(fields["notify_id"][:80], self._trade(fields, "", "gmt_payment"))
        except (KeyError, ValueError):
            raise Garbled("alipay: a notice cannot be read") from None

    def bill(self, day: date) -> Bill:
        """Fetch a day's bill: a zip with a CSV, its address good for half a minute."""
        content = {"bill_type": "trade", "bill_date": day.isoformat()}
        answer = self._ask("alipay.data.dataservice.bill.downloadurl.query", content)
        if answer.get("sub_code") == "isp.bill_not_exist":
            return Bill(day, (), there=False)
        self._fine(answer)
        try:
            fetched = self.http.get(str(answer["bill_download_url"]))
            fetched.raise_for_status()
            with zipfile.ZipFile(io.BytesIO(fetched.content)) as archive:
                text = archive.read(archive.namelist()[0]).decode("gb18030")
        except (httpx.HTTPError, KeyError) as error:
            raise Unavailable(f"alipay: {type(error).__name__}") from None
        except (zipfile.BadZipFile, IndexError, UnicodeDecodeError):
            raise Garbled("alipay: the bill cannot be read") from None
        return Bill(day, read_bill(text))

    # --- what is said and heard ---

    def _trade(self, told: Mapping[str, Any], number: str, when: str) -> Told:
        try:
            state, found = TRADES[told["trade_status"]], str(told["out_trade_no"])
            if number and found != number:
                raise Garbled("alipay: the answer is about something else")
            if state is not Trade.PAID:
                return Told(found, state)
            at = datetime.strptime(told[when], "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
            return Told(found, state, money.fen(told["total_amount"]), str(told["trade_no"]), at)
        except (KeyError, ValueError, TypeError) as error:
            raise Garbled(f"alipay: an order cannot be read ({type(error).__name__})") from None

    def _ask(self, method: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """Send a signed request and return what the answer says, verified. Raises Unavailable, Garbled."""
        try:
            answer = self.http.post(self.base_url, data=self._signed(method, content, {}))
        except httpx.HTTPError as error:
            raise Unavailable(f"alipay: {type(error).__name__}") from None
        if answer.status_code != 200:
            raise Unavailable(f"alipay: answered {answer.status_code}")
        said, raw = _parts(answer.content, method.replace(".", "_") + "_response")
        self._verify(raw, said)
        try:
            read = json.loads(said)
        except ValueError:
            raise Garbled("alipay: an answer cannot be read") from None
        if not isinstance(read, dict):
            raise Garbled("alipay: an answer cannot be read")
        if read.get("code") == "20000":
            raise Unavailable(f"alipay: {read.get('sub_code')}")
        return read

    def _fine(self, answer: Mapping[str, Any]) -> None:
        if answer.get("code") != "10000":
            raise Unavailable(f"alipay: {answer.get('code')} {answer.get('sub_code')}"[:200])

    def _signed(self, method: str, content: Mapping[str, Any], more: Mapping[str, str]) -> dict[str, str]:
        fields = {
            "app_id": self.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": clocks.real_now().astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            "biz_content": json.dumps(content, ensure_ascii=False, separators=(",", ":")),
            **more,
        }
        fields["sign"] = base64.b64encode(self._merchant.sign(_text(fields).encode(), PKCS1v15(), SHA256())).decode()
        return fields

    def _verify(self, raw: bytes, said: bytes) -> None:
        try:
            self._platform.verify(raw, said, PKCS1v15(), SHA256())
        except InvalidSignature:
            raise Garbled("alipay: the signature is wrong") from None

    @cached_property
    def _merchant(self) -> RSAPrivateKey:
        return merchant_key(self.private_key)

    @cached_property
    def _platform(self) -> RSAPublicKey:
        return platform_key(self.platform_key)


def _text(fields: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(fields.items()) if value != "")


def _parts(answer: bytes, name: str) -> tuple[bytes, bytes]:
    """Return the bytes that are signed, exactly as they came, and the signature."""
    begin = answer.find(f'"{name}":'.encode())
    end = answer.rfind(b',"sign":"')
    if begin < 0 or end < begin:
        raise Garbled("alipay: not signed")
    try:
        raw = base64.b64decode(answer[end + 9 :].split(b'"')[0], validate=True)
    except ValueError:
        raise Garbled("alipay: not signed") from None
    return answer[begin + len(name) + 3 : end], raw


def read_bill(text: str) -> tuple[Movement, ...]:
    """Read a bill: comments begin with #, a line a movement, refunds with a number of their own and below zero."""
    rows = [row for row in csv.reader(io.StringIO(text)) if row and not row[0].startswith("#")]
    try:
        head = [field.strip() for field in rows[0]]
        order, refund, sum_ = head.index("商户订单号"), head.index("退款批次号/请求号"), head.index("订单金额（元）")
        found = []
        for row in rows[1:]:
            fields = [field.strip() for field in row]
            back = fields[sum_].startswith("-")
            fen = money.fen(fields[sum_].lstrip("-"))
            found.append(Movement(fields[refund] if back else fields[order], -fen if back else fen))
    except (IndexError, ValueError):
        raise Garbled("alipay: the bill cannot be read") from None
    return tuple(found)
