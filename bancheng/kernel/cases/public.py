"""The face of cases: file, review, handle, decide; ask where a case stands and who has to act."""

from bancheng.kernel.cases.content import decode, encode
from bancheng.kernel.cases.facts import Applicant, Attached, Because, Defect, Filed, Happened, Said, happened, told
from bancheng.kernel.cases.flows import all_current as current_flows
from bancheng.kernel.cases.flows import current as current_flow
from bancheng.kernel.cases.flows import load as load_flows
from bancheng.kernel.cases.listing import Member, members_of
from bancheng.kernel.cases.offering import Offer, offer
from bancheng.kernel.cases.operations.ending import terminate, transfer, waive, withdraw
from bancheng.kernel.cases.operations.filing import correct, file, give_up, retry
from bancheng.kernel.cases.operations.founding import check_founded
from bancheng.kernel.cases.operations.handing import hand_over
from bancheng.kernel.cases.operations.handling import decide, do, give_back, serve, supply_gap, take, undo
from bancheng.kernel.cases.operations.pausing import extend, pause, resume
from bancheng.kernel.cases.operations.promises import settle as settle_promise
from bancheng.kernel.cases.operations.promises import verify as verify_promise
from bancheng.kernel.cases.operations.reviewing import accept, ask_correction, refuse, send_corrections
from bancheng.kernel.cases.queries.lists import Brief, Waiting, of_applicants, of_applicants_question, queue
from bancheng.kernel.cases.queries.reading import (
    Content,
    Correction,
    Line,
    Matter,
    View,
    alone,
    by_key,
    by_key_question,
    corrections,
    find,
    gaps,
    may_see,
    said,
    view,
)
from bancheng.kernel.cases.queries.unanswered import Unanswered, unanswered
from bancheng.kernel.cases.queries.verifying import Mismatch, verify
from bancheng.kernel.cases.rules.flow import ClockSpec, Fault, Flow, Issue, Join, Known, Promise, Since, Step, faults
from bancheng.kernel.cases.rules.promising import SAYS as LOOKS
from bancheng.kernel.cases.rules.promising import Look
from bancheng.kernel.cases.rules.standing import Steps
from bancheng.kernel.cases.rules.timing import ANSWER, length_of
from bancheng.kernel.cases.rules.walks import stuck
from bancheng.kernel.cases.rules.words import ACTS, GOOD, OUTCOMES, STATES, Act, Kind, Outcome, State
from bancheng.kernel.cases.similar import Alike, Looked, similar, similar_asked

__all__ = [
    "ACTS", "ANSWER", "GOOD", "LOOKS", "OUTCOMES", "STATES", "Act", "Alike", "Applicant", "Attached", "Because", "Brief", "ClockSpec", "Content",
    "Correction", "Defect", "Fault", "Filed", "Flow", "Happened", "Issue", "Join", "Kind", "Known", "Line", "Look", "Looked", "Matter",
    "Member", "Mismatch", "Offer", "Outcome", "Promise", "Said", "Since", "State", "Step", "Steps", "Unanswered", "View", "Waiting", "accept",
    "alone", "ask_correction", "by_key", "by_key_question", "check_founded", "correct", "corrections", "current_flow", "current_flows", "decide", "decode", "do", "encode", "extend",
    "faults", "file", "find", "gaps", "give_back", "give_up", "hand_over", "happened", "length_of", "load_flows", "may_see", "members_of",
    "of_applicants", "of_applicants_question", "offer", "pause", "queue", "refuse", "resume", "retry", "said", "send_corrections", "serve", "settle_promise", "similar",
    "similar_asked", "stuck", "supply_gap", "take", "terminate", "told", "transfer", "unanswered", "undo", "verify", "verify_promise",
    "view", "waive", "withdraw",
]  # fmt: skip
