"""The face of titles: the book of the land. Ask what stands in the way, record an act once, read what is true at any time as known at any time."""

from bancheng.kernel.titles.answers import (
    CoverageView,
    EntryView,
    LotView,
    ParcelView,
    PlanRowView,
    PlanView,
    Quote,
    QuoteLine,
    RightView,
    Scale,
    SeizureLine,
    SeizureQuote,
    Sheet,
    SheetLine,
)
from bancheng.kernel.titles.facts import Blocked, Blocker, Changed, Recorded, Said, Told, Transfer, UnitArea, changed
from bancheng.kernel.titles.operations.claims import cancel_claim, lapse_claim, note_claim, open_claim
from bancheng.kernel.titles.operations.mortgages import (
    cancel_mortgage,
    change_mortgage,
    fix_mortgage,
    register_mortgage,
    register_pre_mortgage,
    release_mortgage,
    rerank,
    transfer_mortgage,
)
from bancheng.kernel.titles.operations.objections import end_objection, lapse_objections, note_suit, register_objection
from bancheng.kernel.titles.operations.parcels import close_parcel, correct_area, open_parcel
from bancheng.kernel.titles.operations.plans import approve_plan, draft_plan, finalise, merge, quantify
from bancheng.kernel.titles.operations.seizures import (
    exhaust_seizure,
    expire_seizure,
    expire_seizures,
    lift_seizure,
    register_seizure,
    renew_seizure,
)
from bancheng.kernel.titles.operations.surveys import accept_survey
from bancheng.kernel.titles.operations.transfers import correct_holder, first_register, transfer, transfer_many
from bancheng.kernel.titles.operations.waiting import pend, unpend
from bancheng.kernel.titles.parties import (
    Holder,
    HolderView,
    Member,
    Party,
    PartyView,
    Share,
    by_shares,
    jointly,
    known,
    organisation,
    person,
    sole,
    unit_party,
)
from bancheng.kernel.titles.queries.acts import disposed_since, recorded
from bancheng.kernel.titles.queries.book import (
    check,
    claims_of,
    codes_of,
    find,
    find_lots,
    freed,
    holders,
    lot,
    lots,
    lots_of,
    mortgages_of,
    mortgages_on,
    named_again,
    parcel,
    parcels,
    quote,
    quote_seizure,
    right,
    rights_ending,
    rights_on,
    scale,
    seizures_among,
    seizures_of,
    to_be_told,
)
from bancheng.kernel.titles.queries.history import entries_about, history
from bancheng.kernel.titles.queries.plans import plan, plans
from bancheng.kernel.titles.queries.sheet import sheet
from bancheng.kernel.titles.queries.totals import MortgageLine, Totals, developers_mortgages, totals
from bancheng.kernel.titles.queries.verify import Mismatch, verify
from bancheng.kernel.titles.rules.codes import check as check_code
from bancheng.kernel.titles.rules.codes import check_building, check_parcel, check_unit, land, parcel_of, spaced
from bancheng.kernel.titles.rules.fixing import day_of_fixing, may_amount
from bancheng.kernel.titles.rules.matrix import MATRIX
from bancheng.kernel.titles.rules.shares import apportion
from bancheng.kernel.titles.rules.words import (
    Act,
    Category,
    Form,
    LotKind,
    Origin,
    PartyKind,
    PlanReason,
    PlanState,
    Residue,
    RightKind,
    Scope,
    Standing,
    State,
    SurveyStage,
    Verdict,
)

__all__ = [
    "MATRIX", "Act", "Blocked", "Blocker", "Category", "Changed", "CoverageView", "EntryView", "Form", "Holder", "HolderView", "LotKind",
    "LotView", "Member", "Mismatch", "MortgageLine", "Origin", "ParcelView", "Party", "PartyKind", "PartyView", "PlanReason", "PlanRowView",
    "PlanState", "PlanView", "Quote", "QuoteLine", "Recorded", "Residue", "RightKind", "RightView", "Said", "Scale", "Scope", "SeizureLine",
    "SeizureQuote", "Share", "Sheet", "SheetLine", "Standing", "State", "SurveyStage", "Told", "Totals", "Transfer", "UnitArea", "Verdict",
    "accept_survey", "apportion", "approve_plan", "by_shares", "cancel_claim", "cancel_mortgage", "change_mortgage", "changed", "check",
    "check_building", "check_code", "check_parcel", "check_unit", "claims_of", "close_parcel", "codes_of", "correct_area", "correct_holder",
    "day_of_fixing", "developers_mortgages", "disposed_since", "draft_plan", "end_objection", "entries_about", "exhaust_seizure",
    "expire_seizure", "expire_seizures", "finalise", "find", "find_lots", "first_register", "fix_mortgage", "freed", "history", "holders",
    "jointly", "known", "land", "lapse_claim", "lapse_objections", "lift_seizure", "lot", "lots", "lots_of", "may_amount", "merge",
    "mortgages_of", "mortgages_on", "named_again", "note_claim", "note_suit", "open_claim", "open_parcel", "organisation", "parcel",
    "parcel_of", "parcels", "pend", "person", "plan", "plans", "quantify", "quote", "quote_seizure", "recorded", "register_mortgage",
    "register_objection", "register_pre_mortgage", "register_seizure", "release_mortgage", "renew_seizure", "rerank", "right", "rights_ending",
    "rights_on", "scale", "seizures_among", "seizures_of", "sheet", "sole", "spaced", "to_be_told", "totals", "transfer", "transfer_many",
    "transfer_mortgage", "unit_party", "unpend", "verify",
]  # fmt: skip
