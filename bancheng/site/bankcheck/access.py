"""Who is let in, and that what is sent twice is done once (land register §13.3)."""

import base64
import secrets
from collections.abc import Mapping
from typing import Any

from bancheng.lib import httpsig, signing
from bancheng.lib.httpsig import Message
from bancheng.site.bankcheck.kit import Change, Failed, Kit, check, expect, head

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
