"""What a house must do for a bank, checked over the wire: signatures both ways, once, events without a gap, refusals in one form (land register §13.3–13.6).

It changes little: it acknowledges what it read, and files nothing. Every check is one sentence, and says what it saw when it fails.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from bancheng.lib import httpsig, sigalgs, signing
from bancheng.lib.days import SHANGHAI
from bancheng.lib.httpsig import Message
from bancheng.lib.refusal import Garbled
from bancheng.lib.text import Text

API = "/api/v1/mortgages"
NOBODY = "00000000-0000-7000-8000-000000000000"
KEYS = {"type", "title", "status", "code", "says", "en", "law", "trace"}
Change = Callable[[dict[str, str]], dict[str, str]]


class Failed(Exception):
    """A check that the house did not pass, with what was seen."""


@dataclass(frozen=True)
class Result:
    """One check and how it went; `seen` is empty when it passed."""

    what: Text
    seen: str = ""


@dataclass
class Kit:
    """A bank's key and the house it is for."""

    client: httpx.Client
    key_id: str
    key: bytes = field(repr=False)
    algorithm: str
    user: str = sigalgs.USER_ID
    house: Mapping[str, bytes] = field(default_factory=dict)

    def signed(
        self, method: str, path: str, body: bytes = b"", *, at: int = 0, **how: Any
    ) -> tuple[str, dict[str, str]]:
        """Return address and headers of a signed request."""
        url = f"{str(self.client.base_url).rstrip('/')}{API}/{path}"
        headers = {} if method == "GET" else {"Idempotency-Key": how.pop("key", "") or secrets.token_hex(8)}
        headers |= how.pop("more", {})
        said = {
            "key_id": self.key_id,
            "key": self.key,
            "algorithm": self.algorithm,
            "nonce": secrets.token_hex(12),
            **how,
        }
        message = Message.to(method, url, body=body, headers=headers)
        head = httpsig.sign(message, at=at or signing.seconds(), user=self.user, **said)
        return url, {**headers, **head, "Content-Type": "application/json"}

    def ask(
        self, method: str, path: str, body: Any = None, *, change: Change | None = None, **how: Any
    ) -> httpx.Response:
        """Send a request, with its headers changed behind the signature when asked; the answer must be signed."""
        data = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        url, headers = self.signed(method, path, data, **how)
        headers = change(headers) if change else headers
        answer = self.client.request(method, url, content=data, headers=headers)
        if "Signature" in headers and self.house:
            self._believe(answer, headers["Signature"])
        return answer

    def _believe(self, answer: httpx.Response, asked: str) -> None:
        try:
            httpsig.check_answer(
                answer.headers,
                status=answer.status_code,
                body=answer.content,
                asked=asked,
                keys=self.house,
                now=signing.seconds(),
            )
        except Garbled as no:
            raise Failed(f"{answer.status_code}: {no}") from None


Check = Callable[[Kit], None]
CHECKS: list[tuple[Text, Check]] = []


def check(zh: str, en: str) -> Callable[[Check], Check]:
    """Add a check under its sentence."""

    def add(run: Check) -> Check:
        CHECKS.append((Text(zh, en), run))
        return run

    return add


def run(kit: Kit) -> Iterator[Result]:
    """Run every check, one after the other."""
    for what, one in CHECKS:
        try:
            one(kit)
        except Failed as no:
            yield Result(what, str(no) or "?")
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            yield Result(what, f"{type(error).__name__}: {error}"[:200])
        else:
            yield Result(what)


def expect(answer: httpx.Response, status: int | tuple[int, ...], code: str = "") -> Any:
    """Return the answer's document when it has that status and code; raise Failed otherwise."""
    allowed = (status,) if isinstance(status, int) else status
    document = answer.json() if "json" in answer.headers.get("content-type", "") and answer.content else {}
    said = document.get("code", "") if isinstance(document, dict) else ""
    if answer.status_code not in allowed or (code and said != code):
        raise Failed(f"{answer.status_code} {said}".strip())
    if answer.status_code >= 400 and (
        answer.headers["content-type"] != "application/problem+json" or not set(document) >= KEYS
    ):
        raise Failed("a refusal that is no problem document")
    return document


# --- who is let in


@check("本站公钥可取", "The house's keys are published")
def house_keys(kit: Kit) -> None:
    found = kit.client.get("/.well-known/bancheng-keys").json()["keys"]
    kit.house = {key["kid"]: base64.urlsafe_b64decode(key["x"] + "=") for key in found}
    if not kit.house:
        raise Failed("no key")


@check("签名正确即放行，答复有本站签名", "A signed request is let in, and the answer is signed for it")
def let_in(kit: Kit) -> None:
    expect(kit.ask("GET", "events?after=0&limit=1"), 200)


@check("没有签名的不放行", "Without a signature nobody is let in")
def unsigned(kit: Kit) -> None:
    url, _ = kit.signed("GET", "events")
    expect(kit.client.get(url), 401)


def refuses(zh: str, en: str, how: Mapping[str, Any] | None = None, change: Change | None = None) -> None:
    """Add the check that a change sent so is not let in."""

    @check(zh, en)
    def one(kit: Kit) -> None:
        given = {name: value() if callable(value) else value for name, value in (how or {}).items()}
        expect(kit.ask("POST", "events/ack", {"seq": 0}, change=change, **given), 401, "sign_the_request")


def head(**over: str) -> Change:
    """Return what puts other headers in."""
    return lambda headers: {**headers, **{name.replace("_", "-"): value for name, value in over.items()}}


def without(name: str) -> Change:
    """Return what leaves a header out."""
    return lambda headers: {n: value for n, value in headers.items() if n != name}


def said(old: str, new: str) -> Change:
    """Return what changes a word of what was signed."""
    return lambda headers: {**headers, "Signature-Input": headers["Signature-Input"].replace(old, new)}


ZERO = f"sig1=:{base64.b64encode(bytes(64)).decode()}:"
refuses("过期的签名不放行", "A signature older than five minutes", {"at": lambda: signing.seconds() - 400})
refuses("时间在未来的不放行", "A signature from the future", {"at": lambda: signing.seconds() + 400})
refuses("不认识的密钥编号不放行", "A key that is not known", {"key_id": "nobody-00000000"})
refuses("伪造的签名不放行", "A forged signature", change=head(Signature=ZERO))
refuses("签名不成样子的不放行", "A signature that cannot be read", change=head(Signature="sig1=%%%"))
refuses("没有Signature-Input的不放行", "No Signature-Input", change=without("Signature-Input"))
refuses("正文摘要被换的不放行", "Another body's digest", change=head(Content_Digest=httpsig.digest(b"x")))
refuses("正文摘要被删的不放行", "No digest of the body", change=without("Content-Digest"))
refuses("幂等键被换的不放行", "Another Idempotency-Key", change=head(Idempotency_Key="another-key"))
refuses("冒用别家银行编号的不放行", "Another bank's id", {"more": {"Bank-Id": "nobody"}})
refuses("银行编号没有签进去的不放行", "A bank's id that is not signed", change=head(Bank_Id="boc"))
refuses("少签方法的不放行", "The method is not signed", change=said('"@method" ', ""))
refuses("少签路径的不放行", "The path is not signed", change=said('"@path" ', ""))
refuses("少签正文摘要的不放行", "The digest is not signed", change=said(' "content-digest"', ""))
refuses("少签幂等键的不放行", "The Idempotency-Key is not signed", change=said(' "idempotency-key"', ""))
refuses("有效期拉长的不放行", "An expiry that is moved", change=said("expires=", "expires=9"))
refuses("随机数被换的不放行", "Another nonce", change=said('nonce="', 'nonce="x'))
refuses("自称别的算法的不放行", "Another algorithm by name", change=said(";keyid", ';alg="none";keyid'))


@check("同一请求不能重放", "A request is good once")
def replayed(kit: Kit) -> None:
    url, headers = kit.signed("GET", "events?after=0&limit=1")
    expect(kit.client.get(url, headers=headers), 200)
    expect(kit.client.get(url, headers=headers), 401, "sign_the_request")


@check("签名不能挪到别的路径", "A signature is for one address")
def elsewhere(kit: Kit) -> None:
    _, headers = kit.signed("GET", "events?after=0&limit=1")
    url, _ = kit.signed("GET", "webhooks")
    expect(kit.client.get(url, headers=headers), 401, "sign_the_request")


# --- once


@check("改动须带幂等键", "A change needs an Idempotency-Key")
def needs_key(kit: Kit) -> None:
    url, headers = kit.signed("POST", "events/ack", b'{"seq":0}')
    bare = Message.to("POST", url, body=b'{"seq":0}')
    sent = httpsig.sign(
        bare,
        key_id=kit.key_id,
        key=kit.key,
        algorithm=kit.algorithm,
        user=kit.user,
        at=signing.seconds(),
        nonce=secrets.token_hex(8),
    )
    expect(
        kit.client.post(url, content=b'{"seq":0}', headers={**sent, "Content-Type": "application/json"}), 400, "no_key"
    )
    assert headers


@check("同一键同一请求，原样答复并标明", "The same key and request: the same answer, marked")
def again(kit: Kit) -> None:
    key = secrets.token_hex(8)
    first = kit.ask("POST", "events/ack", {"seq": 0}, key=key)
    second = kit.ask("POST", "events/ack", {"seq": 0}, key=key)
    expect(first, 200)
    if second.content != first.content or second.headers.get("Idempotency-Replayed") != "true":
        raise Failed("the second answer differs or is not marked")


@check("同一键另一请求，422", "The same key and another request: 422")
def other_request(kit: Kit) -> None:
    key = secrets.token_hex(8)
    expect(kit.ask("POST", "events/ack", {"seq": 0}, key=key), 200)
    expect(kit.ask("POST", "webhooks", {"url": "https://example.com/"}, key=key), 422, "key_of_another_request")


# --- events


def events(kit: Kit, after: int = 0, limit: int = 500) -> list[dict[str, Any]]:
    """Return a page of events."""
    found: list[dict[str, Any]] = expect(kit.ask("GET", f"events?after={after}&limit={limit}"), 200)["items"]
    return found


@check("事件编号从1起不跳号", "Events are numbered from 1 without a gap")
def dense(kit: Kit) -> None:
    numbers = [one["seq"] for one in events(kit)]
    if numbers and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise Failed(f"{numbers[:20]}")


@check("从断点接着读，不重不漏", "Reading on from a number gives what is behind it")
def read_on(kit: Kit) -> None:
    first = events(kit, limit=2)
    if len(first) == 2 and events(kit, after=first[0]["seq"], limit=1) != first[1:]:
        raise Failed("the second read alone is another one")


@check("确认只进不退，不能越过已编号的", "What is acknowledged goes forward, never beyond what was numbered")
def ack(kit: Kit) -> None:
    now = expect(kit.ask("POST", "events/ack", {"seq": 0}), 200)
    last = expect(kit.ask("POST", "events/ack", {"seq": now["seq"]}), 200)
    back = expect(kit.ask("POST", "events/ack", {"seq": 0}), 200)
    if back["acked"] < last["acked"]:
        raise Failed("it went back")
    expect(kit.ask("POST", "events/ack", {"seq": 2**60}), 422, "no_such_seq")


@check("推送地址须为正当地址", "A webhook needs a proper address")
def bad_webhook(kit: Kit) -> None:
    for url in ("ftp://example.com/x", "https://user:secret@example.com/", "javascript:alert(1)"):
        expect(kit.ask("POST", "webhooks", {"url": url}), 422, "unfit_url")


@check("登记推送地址，撤销后不再推送", "A webhook is made and ended")
def webhook(kit: Kit) -> None:
    expect(kit.ask("GET", "webhooks"), 200)
    expect(kit.ask("DELETE", f"webhooks/{NOBODY}"), 404)


# --- filing


@check("缺项错项一次列全", "What is wrong is listed, and nothing is filed")
def invalid(kit: Kit) -> None:
    if not expect(kit.ask("POST", "applications", {"kind": "mortgage.set"}), 422, "invalid")["fields"]:
        raise Failed("no field is named")


@check("金额只收整数分", "Amounts are whole fen, never decimals")
def decimals(kit: Kit) -> None:
    body = {"kind": "mortgage.set", "payload": {"principal_fen": 1.5, "first": "2026-01-01", "last": "2036-01-01"}}
    fields = expect(kit.ask("POST", "applications", body), 422, "invalid")["fields"]
    if not any("principal_fen" in one["at"] for one in fields):
        raise Failed("a decimal amount passed")


@check("查询须有权利人授权", "A quote needs the owner's power")
def power(kit: Kit) -> None:
    expect(kit.ask("POST", "quotes", {"lots": ["411025001001GB00001F00010001"]}), 422, "invalid")


@check("查无此单元照实说", "A unit that is not in the book is said not to be")
def no_unit(kit: Kit) -> None:
    lot = "411025999999GB99999F99999999"
    expect(kit.ask("POST", "quotes", {"lots": [lot], "authorisation": "授权书（核验）"}), (404, 409, 422))


@check("别家的申请视为不存在", "An application that is not the bank's does not exist")
def absent(kit: Kit) -> None:
    expect(kit.ask("GET", f"applications/{NOBODY}"), 404)
    expect(kit.ask("POST", f"applications/{NOBODY}/withdrawals", {}), 404)


@check("申请列表可按游标接着读", "Applications are read on by a cursor")
def listed(kit: Kit) -> None:
    page = expect(kit.ask("GET", "applications?limit=5"), 200)
    if page["items"] and page["next"] != page["items"][-1]["cursor"]:
        raise Failed("the cursor is another")


@check("一批1至500件", "A batch has 1 to 500 items")
def batch_size(kit: Kit) -> None:
    expect(kit.ask("POST", "batches", {"items": []}), 422)
    expect(kit.ask("POST", "batches", {"items": [{}] * 501}), 422)


@check("整批成败只用于同一幢楼的部分解押", "All or none is for the release of one building only")
def atomic(kit: Kit) -> None:
    expect(kit.ask("POST", "batches", {"items": [{}], "atomic": True}), 422, "not_atomic")


@check("一批收下即答，逐件有结果", "A batch is taken in at once, each item answered")
def batch(kit: Kit) -> None:
    made = expect(kit.ask("POST", "batches", {"items": [{}, {}]}), 202)
    status = made["status"].removeprefix(f"{API}/")
    for _ in range(180):  # a worker that is busy may take a while
        whole = expect(kit.ask("GET", status), 200)
        if whole["done"] == 2:
            break
        time.sleep(0.5)
    if [one["status"] for one in whole["items"]] != [422, 422]:
        raise Failed(f"{whole['items']}"[:100])
    expect(kit.ask("GET", f"batches/{NOBODY}"), 404)


@check("没有的证明照实说", "A proof that is not there is said not to be")
def no_proof(kit: Kit) -> None:
    expect(kit.ask("GET", "certificates/none"), 404)


# --- reconciliation


@check("没有文件的日子照实说", "A day without a file is said to have none")
def no_day(kit: Kit) -> None:
    expect(kit.ask("GET", "reconciliations/1999-01-01"), 404, "no_such_day")


@check(
    "对账文件：摘要、签名、条数、合计、次序都对，再取字节相同",
    "A day's file: digest, signature, count, sum and order hold, twice the same bytes",
)
def day_file(kit: Kit) -> None:
    day = datetime.fromtimestamp(signing.seconds(), SHANGHAI).date() - timedelta(days=1)
    answer = kit.ask("GET", f"reconciliations/{day}")
    if answer.status_code == 404:
        return  # the house had no bank yet, or its night is still to come
    told, file = expect(answer, 200), kit.ask("GET", f"reconciliations/{day}/file")
    lines = file.content.decode().splitlines()
    numbers, amounts = [one.split("|")[0] for one in lines[1:]], [int(one.split("|")[3]) for one in lines[1:]]
    holds = {
        "digest": hashlib.sha256(file.content).hexdigest() == told["digest"],
        "count": len(numbers) == told["count"] == int(lines[0].split("|")[6]),
        "sum": sum(amounts) == told["sum_fen"] == int(lines[0].split("|")[7]),
        "order": numbers == sorted(numbers),
        "bytes": kit.ask("GET", f"reconciliations/{day}/file").content == file.content,
        "signature": sigalgs.VERIFY[sigalgs.ED25519](
            kit.house[told["key_id"]], file.content, base64.b64decode(told["signature"]), ""
        ),
    }
    if wrong := [name for name, good in holds.items() if not good]:
        raise Failed(", ".join(wrong))
