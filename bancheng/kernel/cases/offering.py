"""What a guide publishes of a promise before anybody applies (R-GC-1): scope, conditions, standards, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass

from bancheng.kernel.cases.rules.flow import Flow, Promise
from bancheng.kernel.cases.rules.timing import length_of
from bancheng.lib.text import Text


@dataclass(frozen=True)
class Offer:
    """A matter whose conditions may be promised: within how long that is verified, and mended when it is untrue."""

    name: Text
    promise: Promise
    conditions: tuple[Text, ...]
    verify: Text
    mend: Text


def offer(name: Text, flow: Flow, conditions: Sequence[Text]) -> Offer | None:
    """Return what a guide says of a flow that offers a promise, None of one that does not."""
    promise = flow.promise
    if promise is None:
        return None
    return Offer(name, promise, tuple(conditions), length_of(flow, promise.verify), length_of(flow, promise.recheck))
