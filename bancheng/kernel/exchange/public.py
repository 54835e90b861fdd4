"""The face of exchange: let partners in, do what they ask once, tell them what happened."""

from bancheng.kernel.exchange.facts import Caller, Held, MadeKey, MadeSubscription, Said, Told
from bancheng.kernel.exchange.operations.answering import RETRY_AFTER_SECONDS, Answered, once, once_outside
from bancheng.kernel.exchange.operations.calling import authenticate
from bancheng.kernel.exchange.operations.outbox import publish, settle
from bancheng.kernel.exchange.operations.partners import (
    close_partner,
    give_scope,
    make_key,
    open_partner,
    revoke_key,
    take_scope,
)
from bancheng.kernel.exchange.operations.webhooks import pass_over, retry, subscribe, unsubscribe
from bancheng.kernel.exchange.queries import (
    KeyLine,
    PartnerLine,
    PartnerView,
    ScopeLine,
    Webhook,
    feed,
    partner,
    partners,
    subscriptions,
)
from bancheng.kernel.exchange.rules.words import ACTS, EVERY, OF_UNITS, OWN, STATES, Act, State

__all__ = [
    "ACTS", "EVERY", "OF_UNITS", "OWN", "RETRY_AFTER_SECONDS", "STATES", "Act", "Answered", "Caller", "Held", "KeyLine", "MadeKey",
    "MadeSubscription", "PartnerLine", "PartnerView", "Said", "ScopeLine", "State", "Told", "Webhook", "authenticate", "close_partner", "feed",
    "give_scope", "make_key", "once", "once_outside", "open_partner", "partner", "partners", "pass_over", "publish", "retry", "revoke_key", "settle",
    "subscribe", "subscriptions", "take_scope", "unsubscribe",
]  # fmt: skip
