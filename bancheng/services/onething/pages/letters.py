"""Letters under an office's seal (R-OT-2): downloaded by the applicant, the desk that owes them, and the counter."""

from uuid import UUID

from django.http import HttpResponse

from bancheng.kernel.clocks import public as clocks
from bancheng.services.onething import counter, queries, writings
from bancheng.web.doors import Request

PDF = "application/pdf"


def of_case(request: Request, case_id: UUID, letter_id: UUID) -> HttpResponse:
    view = queries.my_case(request.actor, case_id, clocks.now())
    return _sent(request, view.case.id, letter_id)


def on_desk(request: Request, case_id: UUID, letter_id: UUID) -> HttpResponse:
    desk = queries.on_desk(request.actor, case_id)
    return _sent(request, desk.view.case.id, letter_id, only=case_id)


def at_counter(request: Request, case_id: UUID, letter_id: UUID) -> HttpResponse:
    view = counter.case(case_id, by=request.actor, at=clocks.now())
    return _sent(request, view.case.id, letter_id)


def _sent(request: Request, root: UUID, letter_id: UUID, only: UUID | None = None) -> HttpResponse:
    letter, data = writings.fetch(root=root, letter_id=letter_id, only=only, by=request.actor.ref, at=clocks.now())
    answer = HttpResponse(data, content_type=PDF)
    answer["Content-Disposition"] = f'attachment; filename="letter-{letter.code}.pdf"'
    return answer
