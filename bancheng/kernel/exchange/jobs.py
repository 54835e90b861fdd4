"""The doors of time: events put in order and brought out, and what is old forgotten. Real time: receivers do not know our sandbox."""

from uuid import UUID

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import gateway
from bancheng.kernel.exchange.operations import answering, calling, outbox, webhooks
from bancheng.kernel.exchange.rules.words import ANSWERS_KEPT, EVENTS_KEPT, NONCES_KEPT
from bancheng.kernel.jobs.public import job

SCHEDULE = {outbox.DISPATCH: "* * * * *", "exchange.forget": "20 3 * * *"}

_post = gateway.Http()  # for the life of the process: its connections are kept


@job(outbox.DISPATCH)
def dispatch() -> None:
    outbox.settle()
    webhooks.dispatch(at=clocks.real_now())


@job(webhooks.DELIVER)
def deliver(*, subscription_id: str) -> None:
    webhooks.deliver(UUID(subscription_id), now=clocks.real_now, post=_post)


@job("exchange.forget")
def forget() -> None:
    real = clocks.real_now()
    calling.forget_nonces(before=real - NONCES_KEPT)
    answering.forget_answers(before=real - ANSWERS_KEPT)
    webhooks.forget_deliveries(before=real - EVENTS_KEPT)
    outbox.forget_events(before=clocks.now() - EVENTS_KEPT)
