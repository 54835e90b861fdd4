"""The API of ratings: read one's own, rate, and the figures that are everybody's. Who rated is told to nobody."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Router
from pydantic import StringConstraints

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.ratings import public as ratings
from bancheng.lib.manifest import CITIZEN, PUBLIC
from bancheng.services.ratings import queries, terms
from bancheng.web.api import Shape, Words, only
from bancheng.web.doors import Request

router = Router()
HOLDER = only(CITIZEN, owner="holder")


class SaidOut(Shape):
    """What was said once; the last one counts."""

    grade: int = Field(description="5非常满意…1非常不满意 · 5 very satisfied … 1 very dissatisfied")
    says: Words
    tags: list[Words]
    words: str
    at: datetime


class OccasionOut(Shape):
    """A service that may be rated."""

    id: UUID
    number: str = Field(description="办件编号 · number of the case")
    matter: str
    unit: str
    title: Words
    opened_at: datetime
    closes_on: date = Field(
        description="评价截止日，之后记为未评价 · the last day; after it the service counts as not rated"
    )
    grade: int | None = Field(description="未评价为 null · null: not rated")
    changeable_until: date | None
    may_rate: bool
    left_out: bool = Field(description="复核后不予采纳 · left out on review")


class RatingOut(OccasionOut):
    """It, with all that was said."""

    said: list[SaidOut]


class RateIn(Shape):
    """A rating, or a change of it."""

    grade: Annotated[int, Field(ge=1, le=5)]
    tags: list[Annotated[str, StringConstraints(max_length=40)]] = Field([], max_length=20)
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=ratings.MOST_WORDS)] = ""


class FigureOut(Shape):
    """The ratings of one unit, or of all."""

    unit: str = Field(description="空为合计 · empty: all")
    name: Words
    served: int
    rated: int
    unrated: int
    left_out: int
    grades: list[int] = Field(description="非常不满意…非常满意的件数 · how often 1 … 5")
    satisfied: float | None = Field(description="（5+4+3）÷ 已评价 · of the rated")


class FiguresOut(Shape):
    """The public figures, with how they are counted."""

    as_of: date
    least_shown: int = Field(description="少于这个件数的单位只计入合计 · units with fewer stand in the sum only")
    units: list[FigureOut]
    total: FigureOut
    how: dict[str, Words]


@router.get(
    "figures",
    auth=only(PUBLIC),
    response=FiguresOut,
    summary="好差评数据|Figures of ratings",
    description="各单位应评价、已评价、未评价和满意率。|By unit: to be rated, rated, not rated, satisfied.",
)
def public_figures(request: Request) -> Any:
    found = queries.board(None)
    return {
        "as_of": clocks.today(),
        "least_shown": terms.of_pack().terms.least_shown,
        "units": [_figure(line.total, line.name) for line in found.units if queries.shown(line.total)],
        "total": _figure(found.total, found.total.title),
        "how": queries.HOW,
    }


def _figure(line: ratings.figures.Line, name: Any) -> dict[str, Any]:
    return {
        "unit": line.unit,
        "name": name,
        "served": line.served,
        "rated": line.rated,
        "unrated": line.unrated,
        "left_out": line.excluded,
        "grades": list(line.grades),
        "satisfied": line.satisfied.value,
    }


@router.get(
    "mine",
    auth=HOLDER,
    response=list[OccasionOut],
    summary="我的评价|What I may rate",
    description="办出结果、可以评价或已评价的服务，新的在前。|Services with a result, to be rated or rated, newest first.",
)
def my_ratings(request: Request) -> Any:
    return [_occasion(one) for one in queries.mine(request.actor, clocks.now())]


@router.get(
    "mine/{uuid:occasion_id}",
    auth=HOLDER,
    response=RatingOut,
    summary="我的一次评价|One rating of mine",
    description="包括每次修改。|With every change.",
)
def my_rating(request: Request, occasion_id: UUID) -> Any:
    return _rating(queries.my_occasion(request.actor, occasion_id, clocks.now()))


@router.post(
    "mine/{uuid:occasion_id}",
    auth=HOLDER,
    response=RatingOut,
    summary="评价或修改|Rate, or change it",
    description="同样的内容再次提交不另计。|The same again is not counted twice.",
)
def rate_mine(request: Request, occasion_id: UUID, given: RateIn) -> Any:
    now = clocks.now()
    found = queries.my_occasion(request.actor, occasion_id, now)
    known = {tag.code for tag in terms.of_pack().tags}
    tags = tuple(code for code in given.tags if code in known)
    said = ratings.Said(given.grade, tags, given.words, agent=queries.acting(request.actor, found))
    ratings.rate(occasion_id=found.id, said=said, terms=ratings.terms_of(found.service), at=now)
    return _rating(queries.my_occasion(request.actor, occasion_id, now))


def _occasion(one: ratings.Occasion) -> dict[str, Any]:
    names = ("id", "number", "matter", "unit", "title", "opened_at", "closes_on", "grade", "changeable_until")
    shown = {name: getattr(one, name) for name in names}
    return shown | {"may_rate": queries.may_rate(one, clocks.today()), "left_out": one.excluded}


def _rating(one: ratings.Occasion) -> dict[str, Any]:
    said = [
        {
            "grade": each.grade,
            "says": ratings.GRADES[each.grade],
            "tags": queries.tag_words(each.tags),
            "words": each.words,
            "at": each.at,
        }
        for each in ratings.said(one.id)
    ]
    return _occasion(one) | {"said": said}
