"""What a partner gets back is ours, and fits the request it sent (decision 0032)."""

import base64
from typing import Any

import pytest

from bancheng.kernel.exchange import testing as exchange
from bancheng.lib import httpsig, signing
from bancheng.lib.refusal import Garbled

pytestmark = pytest.mark.django_db
EVENTS = "/api/v1/onething/events?after=0"


class Keeping(exchange.Signing):
    """A program that keeps the Signature it sent last."""

    sent = ""

    def request(self, **request: Any) -> Any:
        self.sent = str(request.get("HTTP_SIGNATURE", ""))
        return super().request(**request)


def program(*scopes: tuple[str, str, str]) -> Keeping:
    made = exchange.client(exchange.partner(*scopes))
    return Keeping(made.key_id, made.key)


def check(client: Any, answer: Any, *, asked: str) -> None:
    published = client.get("/.well-known/bancheng-keys").json()["keys"]
    keys = {key["kid"]: base64.urlsafe_b64decode(key["x"] + "=") for key in published}
    httpsig.check_answer(
        answer.headers, status=answer.status_code, body=answer.content, asked=asked, keys=keys, now=signing.seconds()
    )


def test_an_answer_is_signed_for_the_request_it_answers(client: Any, django_assert_max_num_queries: Any) -> None:
    bank = program(("events", "onething", "*"))
    with django_assert_max_num_queries(7):
        answer = bank.get(EVENTS)
    assert answer.status_code == 200
    check(client, answer, asked=bank.sent)
    with pytest.raises(Garbled):
        check(client, answer, asked=bank.sent[:-3] + "x=:")


def test_a_refusal_is_signed_too(client: Any) -> None:
    bank = program()
    answer = bank.get(EVENTS)
    assert (answer.status_code, answer.json()["code"]) == (403, "out_of_scope")
    check(client, answer, asked=bank.sent)


def test_who_does_not_sign_gets_no_signature(client: Any) -> None:
    answer = client.get(EVENTS)
    assert answer.status_code == 401
    assert "Signature" not in answer.headers


def test_too_many_requests_are_told_when_to_come_again(client: Any, settings: Any) -> None:
    settings.PARTNER_PACE = 1
    bank = program(("events", "onething", "*"))
    assert bank.get(EVENTS).status_code == 200
    answer = bank.get(EVENTS)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_often")
    assert 0 < int(answer["Retry-After"]) <= 60
    check(client, answer, asked=bank.sent)
