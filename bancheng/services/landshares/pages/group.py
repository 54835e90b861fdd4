"""The leading group's page: the plan of implementation, the meetings, and one matter after the other."""

from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused
from bancheng.services.landshares import group as laid_down
from bancheng.services.landshares.operations import meetings
from bancheng.services.landshares.queries import estates, parcels
from bancheng.services.landshares.rules import orders, procedures
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request

SHOWN = 20
GROUP = "land_group"


def group(request: Request, refused: Refused | None = None) -> HttpResponse:
    heads = parcels.heads(request.actor)
    return render(
        request,
        "landshares/group.html",
        {
            "plan": laid_down.of_pack().plan,
            "meetings": [
                (one, [(matter, procedures.kind_words(matter.kind)) for matter in one.matters.all()])
                for one in estates.meetings(SHOWN)
            ],
            "waiting": [head for head in heads if _waits(head)],
            "known": {head.code for head in heads},
            "kinds": procedures.KINDS.items(),
            "decides": request.actor.has(GROUP),
            "refused": refused,
            "typed": request.POST,
            "today": clocks.today(),
        },
        status=refused.status if refused else 200,
    )


def _waits(head: parcels.Head) -> bool:
    """Whether it is existing land that is not divided yet: the group has to say how."""
    return head.parcel.origin.value in procedures.EXISTING and not head.parcel.plan_version


def hold(request: Request) -> HttpResponse:
    said = request.POST

    def do() -> None:
        meetings.hold(
            number=said.get("number", ""),
            held_on=orders.read_day(said.get("held_on", "")),
            chair=said.get("chair", ""),
            minutes=said.get("minutes", ""),
            by=request.actor,
            today=clocks.today(),
            at=clocks.now(),
        )

    return carry_out(
        request,
        do,
        "会议已登记。",
        "The meeting is on record.",
        then=("landshares:group",),
        again=lambda no: group(request, no),
    )


def decide(request: Request, meeting_id: int) -> HttpResponse:
    said = request.POST

    def do() -> None:
        meetings.decide(
            meeting_id=meeting_id,
            parcel="".join(said.get("parcel", "").split()).upper(),
            question=said.get("question", ""),
            kind=said.get("kind", ""),
            decision=said.get("decision", ""),
            by=request.actor,
            at=clocks.now(),
        )

    return carry_out(
        request,
        do,
        "已决定，宗地的办理步骤随之更新。",
        "Decided; the parcel's steps follow.",
        then=("landshares:group",),
        again=lambda no: group(request, no),
    )
