"""The face of exchange: let partners in, do what they ask once, tell them what happened, agree with them on what stands."""

from bancheng.kernel.exchange.facts import Caller, Held, MadeKey, MadeSubscription, Said, Told
from bancheng.kernel.exchange.house import answer_headers
from bancheng.kernel.exchange.house import published as house_keys
from bancheng.kernel.exchange.operations.answering import RETRY_AFTER_SECONDS, Answered, once, once_outside
from bancheng.kernel.exchange.operations.batches import (
    BatchView,
    ItemAnswer,
    ItemView,
    batch,
    batch_worker,
    take_batch,
)
from bancheng.kernel.exchange.operations.calling import TooOften, authenticate
from bancheng.kernel.exchange.operations.offers import (
    challenge_text,
    confirm_key,
    offer_key,
    prove_key,
    withdraw_offer,
)
from bancheng.kernel.exchange.operations.outbox import publish, settle
from bancheng.kernel.exchange.operations.partners import (
    agree,
    close_partner,
    give_scope,
    make_key,
    open_partner,
    revoke_key,
    take_scope,
)
from bancheng.kernel.exchange.operations.reconciling import (
    Source,
    answer_day,
    close_difference,
    file_of,
    make_day,
    reconciles,
)
from bancheng.kernel.exchange.operations.reconciling import verify as verify_days
from bancheng.kernel.exchange.operations.streams import Standing, acknowledge, numbered_feed, standing
from bancheng.kernel.exchange.operations.webhooks import pass_over, replay, retry, subscribe, unsubscribe
from bancheng.kernel.exchange.queries import (
    DifferenceLine,
    KeyLine,
    OfferView,
    PartnerLine,
    PartnerView,
    ScopeLine,
    Webhook,
    days,
    difference,
    differences,
    feed,
    offers,
    owner_of_unit,
    owners_of_units,
    partner,
    partner_of_key,
    partner_of_offer,
    partner_of_unit,
    partners,
    streams,
    subscriptions,
)
from bancheng.kernel.exchange.rules.dayfile import Answer, Line
from bancheng.kernel.exchange.rules.words import ACTS, EVERY, MOST_ITEMS, OF_UNITS, OWN, STATES, Act, State

__all__ = [
    "ACTS", "EVERY", "MOST_ITEMS", "OF_UNITS", "OWN", "RETRY_AFTER_SECONDS", "STATES", "Act", "Answer", "Answered", "BatchView", "Caller",
    "DifferenceLine", "Held", "ItemAnswer", "ItemView", "KeyLine", "Line", "MadeKey", "MadeSubscription", "OfferView", "PartnerLine",
    "PartnerView", "Said", "ScopeLine", "Source", "Standing", "State", "Told", "TooOften", "Webhook", "acknowledge", "agree", "answer_day",
    "answer_headers", "authenticate", "batch", "batch_worker", "challenge_text", "close_difference", "close_partner", "confirm_key", "days",
    "difference", "differences", "feed", "file_of", "give_scope", "house_keys", "make_day", "make_key", "numbered_feed", "offer_key", "offers", "once",
    "once_outside", "open_partner", "owner_of_unit", "owners_of_units", "partner", "partner_of_key", "partner_of_offer", "partner_of_unit", "partners", "pass_over", "prove_key", "publish", "reconciles", "replay",
    "retry", "revoke_key", "settle", "standing", "streams", "subscribe", "subscriptions", "take_batch", "take_scope", "unsubscribe", "verify_days",
    "withdraw_offer",
]  # fmt: skip
