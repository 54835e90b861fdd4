"""For people: an applicant's own cases, an officer's queue."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.manifest import CITIZEN
from bancheng.services.onething import outside, queries
from bancheng.services.onething.api.shapes import BriefOut, CaseOut, QueueOut, case_out
from bancheng.web.api import only
from bancheng.web.doors import Request

router = Router()
HOLDER = only(CITIZEN, owner="holder")


@router.get(
    "mine",
    auth=HOLDER,
    response=list[BriefOut],
    summary="我的办件|My cases",
    description="本人及所代理的办件，新的在前。|One's own cases and one's principals', newest first.",
)
def mine(request: Request) -> Any:
    return [line.brief for line in queries.mine(request.actor, clocks.now())]


@router.get(
    "mine/{uuid:case_id}",
    auth=HOLDER,
    response=CaseOut,
    summary="我的一个办件|One case of mine",
    description="状态、各事项、时限及其由来、补正事项。|State, matters, clocks explained, corrections.",
)
def my_case(request: Request, case_id: UUID) -> Any:
    found = queries.my_case(request.actor, case_id, clocks.now())
    return case_out(outside.whole_of(found, tuple(one.id for one in (found.case, *found.matters))))


@router.get(
    "queue",
    auth=only("case_officer", "approver", "window_clerk", owner="unit"),
    response=QueueOut,
    summary="我的待办|My queue",
    description="先到期的在前。|What runs out first on top.",
)
def my_queue(
    request: Request,
    first: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    size: Annotated[int, Query(ge=1, le=100)] = 30,
) -> Any:
    found = queries.queue(request.actor, first=first, size=size)
    return {"items": found[:size], "more": len(found) > size}
