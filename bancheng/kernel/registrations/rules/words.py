"""States of an application, acts that move it, and who keeps apart from whom."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

AGENCY = "registry"  # what an agent must be trusted with to act here for somebody


class State(StrEnum):
    """How far an application is."""

    DRAFT = "draft"  # filed, consents of its owners still missing: not yet an application in law (R13.1)
    SUBMITTED = "submitted"
    CORRECTION = "correction_required"
    ACCEPTED = "accepted"
    ANNOUNCING = "announcing"
    SITE_VISIT = "site_visit"
    SUSPENDED = "suspended"
    REVIEWED = "reviewed"
    RECORDED = "recorded"
    CERTIFIED = "certified"
    DELIVERED = "delivered"
    ARCHIVED = "archived"
    NOT_ACCEPTED = "not_accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


STATES: Mapping[State, Text] = {
    State.DRAFT: Text("待当事人同意", "awaiting consent"),
    State.SUBMITTED: Text("已提交，待受理", "submitted"),
    State.CORRECTION: Text("待补正", "corrections wanted"),
    State.ACCEPTED: Text("已受理，待审核", "accepted"),
    State.ANNOUNCING: Text("公告中", "being announced"),
    State.SITE_VISIT: Text("实地查看中", "site visit"),
    State.SUSPENDED: Text("已中止", "suspended"),
    State.REVIEWED: Text("审核通过，待登簿", "reviewed"),
    State.RECORDED: Text("已登簿", "recorded"),
    State.CERTIFIED: Text("已发证", "certified"),
    State.DELIVERED: Text("已送达", "delivered"),
    State.ARCHIVED: Text("已归档", "archived"),
    State.NOT_ACCEPTED: Text("不予受理", "not accepted"),
    State.REFUSED: Text("不予登记", "refused"),
    State.WITHDRAWN: Text("已撤回", "withdrawn"),
}


class Act(StrEnum):
    """One thing done to an application: a line of its log."""

    FILED = "filed"
    FILED_AGAIN = "filed_again"
    CONSENTED = "consented"
    DECLINED = "declined"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    DEEMED_ACCEPTED = "deemed_accepted"
    CORRECTION = "correction_required"
    SUPPLEMENTED = "supplemented"
    NOT_ACCEPTED = "not_accepted"
    ANNOUNCED = "announced"
    VISITED = "visited"
    WENT_ON = "went_on"
    OBJECTED = "objected"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    REVIEWED = "reviewed"
    SENT_BACK = "sent_back"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    RECORDED = "recorded"
    CERTIFIED = "certified"
    CERTIFICATE_ENDED = "certificate_ended"
    DELIVERED = "delivered"
    ARCHIVED = "archived"
    LATE = "late"


ACTS: Mapping[Act, Text] = {
    Act.FILED: Text("提出申请", "Filed"),
    Act.FILED_AGAIN: Text("重复申报，并入本件", "Filed again, joined to this case"),
    Act.CONSENTED: Text("本人同意", "Consent given"),
    Act.DECLINED: Text("本人不同意", "Consent declined"),
    Act.SUBMITTED: Text("同意齐备，提交登记机构", "All consents given: submitted"),
    Act.ACCEPTED: Text("受理", "Accepted"),
    Act.DEEMED_ACCEPTED: Text("未当场告知不予受理，视为受理", "Not refused on the spot: accepted"),
    Act.CORRECTION: Text("一次告知补正", "Corrections asked for, once"),
    Act.SUPPLEMENTED: Text("已补正", "Corrected"),
    Act.NOT_ACCEPTED: Text("不予受理", "Not accepted"),
    Act.ANNOUNCED: Text("开始公告", "Announcement began"),
    Act.VISITED: Text("开始实地查看", "Site visit began"),
    Act.WENT_ON: Text("公告或查看结束", "Announcement or visit ended"),
    Act.OBJECTED: Text("权利人提出异议", "An owner objected"),
    Act.SUSPENDED: Text("中止办理", "Suspended"),
    Act.RESUMED: Text("恢复办理", "Resumed"),
    Act.REVIEWED: Text("审核通过", "Reviewed"),
    Act.SENT_BACK: Text("退回审核", "Sent back to review"),
    Act.REFUSED: Text("不予登记", "Refused"),
    Act.WITHDRAWN: Text("申请人撤回", "Withdrawn"),
    Act.RECORDED: Text("登簿", "Recorded"),
    Act.CERTIFIED: Text("发放电子证照", "Certificates issued"),
    Act.CERTIFICATE_ENDED: Text("证书失效", "Certificate ended"),
    Act.DELIVERED: Text("证书送达", "Certificate delivered"),
    Act.ARCHIVED: Text("归档", "Archived"),
    Act.LATE: Text("逾期督办", "Late: escalated"),
}

WAITING = frozenset({State.DRAFT, State.SUBMITTED, State.CORRECTION})  # not accepted yet: nothing rests on the lots
PAUSED = frozenset({State.ANNOUNCING, State.SITE_VISIT, State.SUSPENDED})
UNDER_WAY = frozenset({State.ACCEPTED, State.REVIEWED}) | PAUSED  # accepted and not finished: its lots are pending
OPEN = WAITING | UNDER_WAY
DONE = frozenset({State.RECORDED, State.CERTIFIED, State.DELIVERED, State.ARCHIVED})
ENDED = frozenset({State.NOT_ACCEPTED, State.REFUSED, State.WITHDRAWN})
HANDLED = frozenset({State.SUBMITTED, State.ACCEPTED, State.REVIEWED})  # where the clocks of the office run

# act -> from which states it may be done, and where it leads (None: the state stays, or is the one before)
NEXT: Mapping[Act, tuple[frozenset[State], State | None]] = {
    Act.FILED: (frozenset(), State.DRAFT),
    Act.FILED_AGAIN: (OPEN, None),
    Act.CONSENTED: (frozenset({State.DRAFT}), None),
    Act.DECLINED: (frozenset({State.DRAFT}), State.WITHDRAWN),
    Act.SUBMITTED: (frozenset({State.DRAFT}), State.SUBMITTED),
    Act.ACCEPTED: (frozenset({State.SUBMITTED}), State.ACCEPTED),
    Act.DEEMED_ACCEPTED: (frozenset({State.SUBMITTED}), State.ACCEPTED),
    Act.CORRECTION: (frozenset({State.SUBMITTED, State.ACCEPTED}), State.CORRECTION),
    Act.SUPPLEMENTED: (frozenset({State.CORRECTION}), None),
    Act.NOT_ACCEPTED: (frozenset({State.SUBMITTED, State.CORRECTION}), State.NOT_ACCEPTED),
    Act.ANNOUNCED: (frozenset({State.ACCEPTED}), State.ANNOUNCING),
    Act.VISITED: (frozenset({State.ACCEPTED}), State.SITE_VISIT),
    Act.WENT_ON: (frozenset({State.ANNOUNCING, State.SITE_VISIT}), State.ACCEPTED),
    Act.OBJECTED: (UNDER_WAY | {State.SUBMITTED, State.CORRECTION}, State.SUSPENDED),
    Act.SUSPENDED: (frozenset({State.ACCEPTED, State.REVIEWED, State.ANNOUNCING, State.SITE_VISIT}), State.SUSPENDED),
    Act.RESUMED: (frozenset({State.SUSPENDED}), None),
    Act.REVIEWED: (frozenset({State.ACCEPTED}), State.REVIEWED),
    Act.SENT_BACK: (frozenset({State.REVIEWED}), State.ACCEPTED),
    Act.REFUSED: (UNDER_WAY | {State.CORRECTION}, State.REFUSED),
    Act.WITHDRAWN: (OPEN, State.WITHDRAWN),
    Act.RECORDED: (frozenset({State.REVIEWED}), State.RECORDED),
    Act.CERTIFIED: (frozenset({State.RECORDED}), State.CERTIFIED),
    Act.CERTIFICATE_ENDED: (DONE, None),
    Act.DELIVERED: (frozenset({State.CERTIFIED}), State.DELIVERED),
    Act.ARCHIVED: (frozenset({State.CERTIFIED, State.DELIVERED, State.RECORDED}), State.ARCHIVED),
    Act.LATE: (OPEN, None),
}


def check_may(act: Act, state: State, *, because: str = "", because_en: str = "") -> None:
    """Raise Refused("application_moved_on") unless the act may be done now; `because` says why the application stands where it stands."""
    if state in NEXT[act][0]:
        return
    now, wanted = STATES[state], ACTS[act]
    more, more_en = (f"（{because}）", f" ({because_en or because})") if because else ("", "")
    raise Refused(
        "application_moved_on",
        f"该申请目前是“{now.zh}”{more}，不能“{wanted.zh}”，未作任何改动；请刷新页面看最新进展。",
        en=f"The application is “{now.en}”{more_en}; “{wanted.en}” is not possible now and nothing was changed. Reload to see where it stands.",
    )


def check_apart(by: str, others: Collection[str], *, act: Act) -> None:
    """Raise Refused("four_eyes") when who acts had a part in an earlier step: accepting, reviewing and recording are three persons' work.

    不动产登记暂行条例 第二十五条: staff who handle registrations are professional; the separation is the city's own rule.
    """
    if by in others:
        raise Refused(
            "four_eyes",
            f"受理、审核、登簿须由不同的人办理：您已办过本件前面的环节，不能再“{ACTS[act].zh}”，请转给同事。",
            en=f"Accepting, reviewing and recording are done by different people: you took part before, so “{ACTS[act].en}” is for a colleague.",
            status=403,
        )


class Cause(StrEnum):
    """Why an application stands still. The first two keep days from being counted by law, the others stop it altogether."""

    ANNOUNCING = "announcing"
    SITE_VISIT = "site_visit"
    COURT = "court_order"
    DISPUTE = "dispute"
    CORRECTION = "book_correction"


CAUSES: Mapping[Cause, Text] = {
    Cause.ANNOUNCING: Text("公告", "announcement"),
    Cause.SITE_VISIT: Text("实地查看", "site visit"),
    Cause.COURT: Text("人民法院查封", "seizure by a court"),
    Cause.DISPUTE: Text("权属争议", "dispute over the right"),
    Cause.CORRECTION: Text("登记簿更正", "correction of the book"),
}
STOPS = (Cause.COURT, Cause.DISPUTE, Cause.CORRECTION)


class Standing(StrEnum):
    """What a certificate is worth."""

    ISSUED = "issued"
    REPLACED = "replaced"
    REVOKED = "revoked"


STANDINGS: Mapping[Standing, Text] = {
    Standing.ISSUED: Text("有效", "valid"),
    Standing.REPLACED: Text("已换发，本证失效", "replaced: no longer valid"),
    Standing.REVOKED: Text("已注销，本证失效", "cancelled: no longer valid"),
}
