"""The doors of time: events put in order and brought out, and what is old forgotten. Real time: receivers do not know our sandbox."""

from datetime import timedelta
from uuid import UUID

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import gateway
from bancheng.kernel.exchange.operations import answering, batches, calling, outbox, reconciling, webhooks
from bancheng.kernel.exchange.rules.words import ANSWERS_KEPT, BANK_ANSWERS_KEPT, EVENTS_KEPT, NONCES_KEPT
from bancheng.kernel.jobs.public import job

SCHEDULE = {
    outbox.DISPATCH: "* * * * *",
    "exchange.forget": "20 3 * * *",
    "exchange.reconcile": "10 0 * * *",
    "exchange.note_unanswered": "5 * * * *",
}

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
    answering.forget_answers(before=real - ANSWERS_KEPT, banks_before=real - BANK_ANSWERS_KEPT)
    webhooks.forget_deliveries(before=real - EVENTS_KEPT)
    outbox.forget_events(before=clocks.now() - EVENTS_KEPT)


@job(batches.WORK)
def work_batch(*, batch_id: str) -> None:
    batches.work_batch(UUID(batch_id), at=clocks.now())


@job("exchange.reconcile")
def reconcile() -> None:
    reconciling.make_all(day=clocks.today() - timedelta(days=1), at=clocks.now())


@job("exchange.note_unanswered")
def note_unanswered() -> None:
    reconciling.note_unanswered(at=clocks.now())
