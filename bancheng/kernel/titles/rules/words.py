"""The words of the book: what is done, what stands, what rests on a lot."""

from enum import StrEnum


class PartyKind(StrEnum):
    """Who holds or is owed something."""

    PERSON = "person"
    ORGANISATION = "organisation"
    BANK = "bank"
    COURT = "court"
    PUBLIC = "public"  # a named public body: what is handed over goes to it


class LotKind(StrEnum):
    """A node of a parcel's tree; only leaves are open."""

    ROOT = "root"
    BUILDING = "building"
    UNIT = "unit"


class Category(StrEnum):
    """What a unit is for; it decides whether its floor area weighs (§4.3)."""

    SALEABLE = "saleable"  # 可售
    KEPT = "kept"  # 自持
    HANDED = "handed"  # 移交
    COMMON = "common"  # 业主共有
    SHELTER = "shelter"  # 人防


class SurveyStage(StrEnum):
    """How far the floor areas of a building are known."""

    PLANNED = "planned"
    PREDICTED = "predicted"
    MEASURED = "measured"


class Origin(StrEnum):
    """How a parcel came to be quantified: new land, four kinds of existing land (§8.2), industrial land on request."""

    NEW = "new"
    E1 = "e1"
    E2 = "e2"
    E3 = "e3"
    E4 = "e4"
    INDUSTRIAL = "industrial"


class Residue(StrEnum):
    """Who bears the difference of a later survey; a setting of the parcel (§4.4)."""

    RECOMPUTE_ALL = "recompute_all"  # everybody is restated
    TO_DEVELOPER = "to_developer"  # a buyer's share never moves, the developer absorbs (R7.7, B7.5)


class PlanReason(StrEnum):
    """Why a share plan is drawn up anew."""

    FIRST = "first"
    UNITS = "units"  # a building's units are known for the first time
    RESURVEY = "resurvey"
    REPLAN = "replan"
    FINAL = "final"


class PlanState(StrEnum):
    """Where a share plan stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    SUPERSEDED = "superseded"


class RightKind(StrEnum):
    """What may rest on a lot beside its ownership."""

    MORTGAGE = "mortgage"
    PRE_MORTGAGE = "pre_mortgage"
    SEIZURE = "seizure"
    CLAIM = "claim"
    OBJECTION = "objection"


class Form(StrEnum):
    """The form of a mortgage."""

    ORDINARY = "ordinary"
    MAXIMUM = "maximum"
    CONSTRUCTION = "construction"


class State(StrEnum):
    """Where a right stands, as a whole or on one lot (§7)."""

    EFFECTIVE = "effective"
    WAITING = "waiting"
    CONTRACT = "contract"
    NOTICED = "noticed"
    LAPSE_DUE = "lapse_due"
    LAPSED = "lapsed"
    CONVERTED = "converted"
    CANCELLED = "cancelled"
    RELEASED = "released"
    LIFTED = "lifted"
    EXPIRED = "expired"
    EXHAUSTED = "exhausted"
    FULFILLED = "fulfilled"
    WITHDRAWN = "withdrawn"
    DECIDED = "decided"


class Act(StrEnum):
    """What is to be done to a lot: the columns of the conflict matrix (§6)."""

    PRESALE = "presale"
    DEVELOPER_MORTGAGE = "developer_mortgage"
    OWNER_MORTGAGE = "owner_mortgage"
    PRE_MORTGAGE = "pre_mortgage"
    FIRST_REGISTRATION = "first_registration"
    TRANSFER = "transfer"
    SEIZE_DEVELOPER = "seize_developer"
    SEIZE_OWNER = "seize_owner"
    RESPLIT = "resplit"
    REPLAN = "replan"


class Standing(StrEnum):
    """What rests on a lot already: the rows of the conflict matrix (§6)."""

    FREE = "free"
    CONTRACT = "contract"
    NOTICE = "notice"
    MORTGAGE = "mortgage"
    PRE_MORTGAGE = "pre_mortgage"
    SEIZURE = "seizure"
    PRE_SEIZURE = "pre_seizure"
    OBJECTION = "objection"
    PENDING = "pending"
    CORRECTION = "correction"
    HELD = "held"  # by a buyer, transferred


class Verdict(StrEnum):
    """What a cell of the conflict matrix says."""

    ALLOWED = "allowed"
    NOTIFY = "notify"  # allowed, whoever it touches is told
    CONVERTS = "converts"
    QUEUES = "queues"
    LEFT_OUT = "left_out"  # of the scope, by itself
    CONSENT = "consent"  # only with that party's written consent
    REFUSED = "refused"
    NOT_MET = "not_met"  # "–": the case does not arise


class Scope(StrEnum):
    """What a court wants: the developer's remaining share, or the lots it names."""

    REMAINING = "remaining"
    EXPLICIT = "explicit"
