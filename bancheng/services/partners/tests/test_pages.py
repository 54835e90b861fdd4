"""A bank comes in through the pages: opened, agreed, its key handed in, proven, let in by another, changed, revoked; differences cleared up."""

import base64
import html
import re
from typing import Any

import pytest
from django.test import Client

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.exchange import testing
from bancheng.kernel.identity import testing as people
from bancheng.lib import sigalgs
from bancheng.services.partners import queries

OWN, ROOM, DIFFERENCES = "/partners/own/", "/partners/", "/partners/differences/"


@pytest.fixture
def operator(loaded_city: None) -> Client:
    return people.client_for(people.staff("operator", name="韩磊"))


@pytest.fixture
def banker(loaded_city: None) -> Client:
    return people.client_for(people.staff("bank_approver", unit="boc", name="施文"))


def text(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def handed_in(banker: Client, pair: sigalgs.Pair) -> str:
    """Hand a public key in; return the page's line to sign."""
    shown = text(banker.post(f"{OWN}keys/", {"public_key": pair.public}, follow=True))
    found = re.search(r"<pre[^>]*><code>([^<]+)</code>", shown)
    assert found
    return found[1]


def prove(banker: Client, pair: sigalgs.Pair, line: str) -> Any:
    (offer,) = exchange.offers(at=clocks.now())
    proof = base64.b64encode(sigalgs.sign(pair.algorithm, pair.private, line.encode())).decode()
    return banker.post(f"{OWN}offers/{offer.id}/", {"signature": proof}, follow=True)


def test_a_bank_comes_in_by_its_own_key_that_another_lets_in(operator: Client, banker: Client) -> None:
    """F13.7 F13.9: opened, agreed, handed in, proven, let in."""
    assert "还没有开通" in text(banker.get(OWN))
    opened = operator.post(f"{ROOM}open/", {"code": "boc", "unit": "boc"}, follow=True)
    page = opened.redirect_chain[-1][0]
    assert "没有或已到期" in text(opened)
    pair = sigalgs.pair(sigalgs.SM2)
    line = handed_in(banker, pair)
    (offer,) = exchange.offers(at=clocks.now())
    assert "没有办成" in text(operator.post(f"{ROOM}offers/{offer.id}/confirm/"))  # not proven
    assert "签名相符" in text(prove(banker, pair, line))
    assert [str(one.words) for one in queries.to_do(people.actor(people.staff("operator")))]
    refused = operator.post(f"{ROOM}offers/{offer.id}/confirm/")
    assert (refused.status_code, "没有有效的合作协议" in text(refused)) == (409, True)
    operator.post(f"{page}agreement/", {"agreement": "抵押协作1号", "until": "2099-12-31"})
    assert "已启用" in text(operator.post(f"{ROOM}offers/{offer.id}/confirm/", follow=True))
    assert sigalgs.fingerprint(sigalgs.read_public(pair.public)[1]) in text(banker.get(OWN))
    (key,) = exchange.partner(offer.partner_id, at=clocks.now()).keys
    assert "立即失效" in text(banker.post(f"{OWN}keys/{key.key_id}/revoke/", follow=True))
    assert "已吊销" in text(operator.get(page))


def test_what_does_not_fit_is_said_and_nothing_is_let_in(operator: Client, banker: Client) -> None:
    made, _ = testing.bank(unit="boc", algorithm=sigalgs.ED25519)
    for key in ("", "AAAA", "-----BEGIN PRIVATE KEY-----"):
        assert banker.post(f"{OWN}keys/", {"public_key": key}).status_code == 422
    line = handed_in(banker, sigalgs.pair(sigalgs.P256))
    assert prove(banker, sigalgs.pair(sigalgs.P256), line).status_code == 422
    (offer,) = exchange.offers(at=clocks.now())
    other = people.client_for(people.staff("bank_approver", unit="icbc"))
    for path in (f"{OWN}offers/{offer.id}/", f"{OWN}offers/{offer.id}/withdraw/"):
        assert other.post(path, {"signature": "AAAA"}).status_code == 404
    assert "已撤回" in text(banker.post(f"{OWN}offers/{offer.id}/withdraw/", follow=True))
    page = f"{ROOM}{made.pk}/agreement/"
    assert operator.post(page, {"agreement": "", "until": "x"}).status_code == 422
    assert operator.post(page, {"agreement": "1", "until": "2001-01-01"}).status_code == 422
    assert operator.post(f"{ROOM}open/", {"code": "boc-2", "unit": "boc"}).status_code == 409
    assert operator.post(f"{ROOM}open/", {"code": "B!", "unit": "boc"}).status_code == 422


def test_a_difference_is_its_owner_s_task_and_closed_with_its_cause(loaded_city: None) -> None:
    """F13.9: open differences are tasks with an owner and a day."""
    made, _ = testing.bank(unit="boc", algorithm=sigalgs.ED25519)
    one = testing.difference(made, line="证明第9号", owner="xiangcheng-registry")
    user = people.staff("registry_reviewer", unit="xiangcheng-registry")
    reviewer, stranger = people.client_for(user), people.client_for(people.staff("registry_reviewer", unit="registry"))
    assert "证明第9号" in text(reviewer.get(DIFFERENCES))
    assert "证明第9号" not in text(stranger.get(DIFFERENCES))
    assert [todo.url for todo in queries.to_do(people.actor(user))] == [DIFFERENCES]
    assert stranger.post(f"{DIFFERENCES}{one.pk}/", {"cause": "x"}).status_code == 404
    assert reviewer.post(f"{DIFFERENCES}{one.pk}/", {"cause": " "}).status_code == 422
    assert "已结清" in text(reviewer.post(f"{DIFFERENCES}{one.pk}/", {"cause": "银行录入有误"}, follow=True))
    assert "银行录入有误" in text(reviewer.get(DIFFERENCES))
    assert queries.to_do(people.actor(user)) == []
