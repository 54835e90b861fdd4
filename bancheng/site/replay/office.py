"""What the house's worker does behind the officers of a registry: proofs, the catalogues of the paper, events brought to the banks.

In two processes of its own when there is much to do, so that the officers need not wait for a seal; at once otherwise.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.conf import settings

from bancheng.kernel.exchange import gateway
from bancheng.kernel.exchange.operations import outbox, webhooks
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.registrations import public as registrations
from bancheng.services.mortgages import following
from bancheng.site import helping
from bancheng.site.replay import helpers

LEFT = (
    "registrations.certify",
    "mortgages.tell_bank",
    "registry.tell",
    "landshares.tell_change",
    "exchange.dispatch",
)
BUNDLE = "mortgages.open_bundle"
WORTH_A_WORKER = 100  # filings: fewer are sealed before a process has started

_post = gateway.Http()


@dataclass(frozen=True)
class Call:
    """What an officer leaves behind: in which registry something was recorded, when, and whether the banks may hear of it before noon."""

    registry: str
    at: datetime
    tell: bool


class Worker(Protocol):
    """Who serves the officers."""

    def call(self, call: Call) -> None:
        """Let it be served, now or soon."""

    def rest(self) -> None:
        """Wait until everything is."""


class Here:
    """The replay's own process."""

    def call(self, call: Call) -> None:
        serve([call])

    def rest(self) -> None:
        pass


class Beside:
    """Two helpers: one serves, the other tells the banks."""

    def __init__(self, crew: helpers.Shared) -> None:
        self.crew = crew

    def call(self, call: Call) -> None:
        self.crew.begin(call)

    def rest(self) -> None:
        self.crew.begin(None)
        self.crew.finish()


@contextmanager
def worker(filings: int) -> Iterator[Worker]:
    """Keep a worker while the block runs."""
    if filings < WORTH_A_WORKER:
        yield Here()
        return
    with helpers.shared(helping.help_office, [(name,) for name in PARTS]) as crew:
        yield Beside(crew)


def serve(calls: Sequence[Call]) -> None:
    """Make the proofs of what was recorded and list its paper; what else was promised is done elsewhere, or left out."""
    for registry, at in {call.registry: call.at for call in calls}.items():
        registrations.certify(region=settings.REGION, registry=registry, at=at)
        for _, args in jobs.take(BUNDLE):
            following.open_bundle(application=args["application"], at=at)
    jobs.take(*LEFT)


def tell(calls: Sequence[Call]) -> None:
    """Bring the banks what happened, as soon as they may hear of it."""
    if calls and calls[-1].tell:
        bring(calls[-1].at)


PARTS = {"serve": serve, "tell": tell}  # of the worker, each with a process of its own


def bring(at: datetime) -> int:
    """Number the events and bring them to the banks' webhooks; return how many were taken."""
    taken = 0
    while True:
        outbox.settle()
        webhooks.dispatch(at=at)
        lines = {args["subscription_id"] for _, args in jobs.take(webhooks.DELIVER, outbox.DISPATCH) if args}
        brought = sum(webhooks.deliver(UUID(line), now=lambda: at, post=_post) for line in sorted(lines))
        taken += brought
        if not brought:
            return taken
