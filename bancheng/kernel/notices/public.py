"""The face of notices: say it once, in the transaction that made it true; it arrives, or a person is told otherwise."""

from bancheng.kernel.notices.hooks import Check, Exhausted, Receipts, Told, exhausted, receipt, still_wanted
from bancheng.kernel.notices.models import Template
from bancheng.kernel.notices.operations.accepting import NoTemplate, Recipient, accept, accept_select
from bancheng.kernel.notices.operations.preferences import mark_seen, opt_in, opt_out, stop_by_token, stop_state
from bancheng.kernel.notices.operations.receipts import take_receipts
from bancheng.kernel.notices.operations.templates import define_kind, draft, preview, publish
from bancheng.kernel.notices.queries import (
    Attempt,
    ChannelStats,
    Item,
    Stats,
    Stop,
    UnknownKind,
    draft_of,
    history,
    inbox,
    inbox_item,
    kind_names,
    published_draft,
    sent_count,
    settings_of_all,
    stats,
    stops,
    unseen_count,
)
from bancheng.kernel.notices.rules.ladder import CHANNELS, Quiet, Rung, Settings
from bancheng.kernel.notices.rules.states import Stage, State
from bancheng.kernel.notices.rules.texts import DIGEST, Draft, Rendered, Type, Unfit, Variable

__all__ = [
    "CHANNELS",
    "DIGEST",
    "Attempt",
    "ChannelStats",
    "Check",
    "Draft",
    "Exhausted",
    "Item",
    "NoTemplate",
    "Quiet",
    "Receipts",
    "Recipient",
    "Rendered",
    "Rung",
    "Settings",
    "Stage",
    "State",
    "Stats",
    "Stop",
    "Template",
    "Told",
    "Type",
    "Unfit",
    "UnknownKind",
    "Variable",
    "accept",
    "accept_select",
    "define_kind",
    "draft",
    "draft_of",
    "exhausted",
    "history",
    "inbox",
    "inbox_item",
    "kind_names",
    "mark_seen",
    "opt_in",
    "opt_out",
    "preview",
    "publish",
    "published_draft",
    "receipt",
    "sent_count",
    "settings_of_all",
    "stats",
    "still_wanted",
    "stop_by_token",
    "stop_state",
    "stops",
    "take_receipts",
    "unseen_count",
]
