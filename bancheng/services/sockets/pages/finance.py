"""Finance: the reconciliation of each day, refunds that are stuck or decided by two people, and the files for other systems."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.refusal import Refused
from bancheng.services.sockets.operations import handwork, reconciling
from bancheng.services.sockets.operations.reconciling import Frozen
from bancheng.services.sockets.queries import finance as queries
from bancheng.services.sockets.rules.handwork import OF_STUCK, HandKind
from bancheng.web.doors import Request
from bancheng.web.downloads import csv_file
from bancheng.web.forms import say

FINANCE = "power_finance"
SIZE = 31
MOST_BYTES = 512_000


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        raise Refused(
            "not_a_day", "请填写日期，没有改动。", en="Give a day; nothing was changed.", status=422
        ) from None


def _of_path(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Http404 from None


def finance(request: Request, refused: Refused | None = None) -> HttpResponse:
    at = clocks.now()
    page = Paginator(queries.days(settings.REGION), SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "sockets/finance.html",
        {
            "page": page,
            "stuck": len(queries.stuck(settings.REGION, at)),
            "waiting": queries.by_hand(settings.REGION, open_only=True).count(),
            "lying": queries.lying(settings.REGION, at),
            "works": request.actor.has(FINANCE),
            "yesterday": (clocks.today() - timedelta(days=1)).isoformat(),
            "refused": refused,
            "typed": request.POST if refused else {},
        },
        status=refused.status if refused else 200,
    )


def day(request: Request, day: str) -> HttpResponse:
    found = queries.day(settings.REGION, _of_path(day))
    return render(request, "sockets/finance_day.html", {"day": found, "works": request.actor.has(FINANCE)})


def reconcile(request: Request) -> HttpResponse:
    try:
        when = _day(request.POST.get("day", ""))
        reconciling.reconcile(region=settings.REGION, day=when, by=request.actor.ref, at=clocks.now())
    except Refused as no:
        return finance(request, refused=no)
    messages.success(request, say("已对账。", "Reconciled."))
    return redirect("sockets:finance_day", when.isoformat())


def masters(request: Request) -> HttpResponse:
    """Take in registers of master meters: lines of address, day, register in kWh; from a file or typed."""
    try:
        rows = _frozen(_written(request))
        made = reconciling.take_masters(rows=rows, region=settings.REGION, by=request.actor.ref, at=clocks.now())
    except Refused as no:
        return finance(request, refused=no)
    messages.success(request, say(f"已登记{made}个示数，请重新对账。", f"{made} registers taken in; reconcile again."))
    return redirect("sockets:finance")


def _written(request: Request) -> str:
    sent = request.FILES.get("file")
    if sent is None:
        return request.POST.get("rows", "")[:MOST_BYTES]
    if (sent.size or 0) > MOST_BYTES:
        raise _bad_row(0)
    try:
        return str(sent.read().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _bad_row(1) from None


def _frozen(written: str) -> list[Frozen]:
    found = []
    for number, row in enumerate(csv.reader(io.StringIO(written)), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and not cells[0].isdigit()):
            continue  # an empty line, the heading
        found.append(_row(number, cells))
    if not found:
        raise _bad_row(1)
    return found


def _row(number: int, cells: list[str]) -> Frozen:
    try:
        meter, when, register = cells
        steps = Decimal(register) * 100 if len(register) < 16 else Decimal("NaN")
        if not steps.is_finite() or steps != int(steps):
            raise _bad_row(number)
        return Frozen(meter, date.fromisoformat(when), int(steps))
    except (ValueError, InvalidOperation):
        raise _bad_row(number) from None


def _bad_row(number: int) -> Refused:
    return Refused(
        "bad_row",
        f"第{number}行不对，一行也没有保存；每行写“表号,日期,示数”，如202611079001,2026-03-17,1234.56。",
        en=f"Line {number} is wrong and no line was kept. Each is “address,day,register”, as 202611079001,2026-03-17,1234.56.",
        status=422,
    )


def sessions_csv(request: Request, day: str) -> HttpResponse:
    when = _of_path(day)
    return csv_file(f"settlement-{when}.csv", queries.settlements(settings.REGION, when))


def findings_csv(request: Request, day: str) -> HttpResponse:
    when = _of_path(day)
    return csv_file(f"findings-{when}.csv", queries.findings(settings.REGION, when))


def refunds(request: Request, refused: Refused | None = None) -> HttpResponse:
    decided = Paginator(queries.by_hand(settings.REGION, open_only=False), SIZE).get_page(request.GET.get("page"))
    waiting = list(queries.by_hand(settings.REGION, open_only=True)[:200])
    return render(
        request,
        "sockets/finance_refunds.html",
        {
            "stuck": queries.stuck(settings.REGION, clocks.now()),
            "waiting": queries.hands(waiting),
            "decided": queries.hands(list(decided)),
            "page": decided,
            "works": request.actor.has(FINANCE),
            "me": request.actor.ref,
            "refused": refused,
            "typed": request.POST if refused else {},
        },
        status=refused.status if refused else 200,
    )


def _act(request: Request, do: Callable[[], Any], zh: str, en: str) -> HttpResponse:
    try:
        do()
    except Refused as no:
        if no.status == 404:
            raise
        return refunds(request, refused=no)
    messages.success(request, say(zh, en))
    return redirect("sockets:finance_refunds")


def propose_outcome(request: Request, refund_id: UUID) -> HttpResponse:
    typed = request.POST.get("kind", "")
    kind = HandKind(typed) if typed in set(OF_STUCK) else HandKind.ARRIVED
    return _act(
        request,
        lambda: handwork.propose_outcome(
            refund_id=refund_id, kind=kind, reason=request.POST.get("reason", ""), by=request.actor, at=clocks.now()
        ),
        "已提出，等待另一人批准。",
        "Put forward; it waits for another person.",
    )


def decide(request: Request, hand_id: int) -> HttpResponse:
    approve = request.POST.get("decision") == "approve"
    return _act(
        request,
        lambda: handwork.decide(hand_id=hand_id, approve=approve, by=request.actor, at=clocks.now()),
        "已处理。",
        "Decided.",
    )


def search(request: Request) -> HttpResponse:
    typed = request.GET.get("q", "")
    found = queries.find(settings.REGION, typed) if typed else None
    if found:
        return redirect("sockets:finance_session", found)
    return render(request, "sockets/finance_search.html", {"typed": typed}, status=404 if typed else 200)


def session(request: Request, session_id: UUID, refused: Refused | None = None) -> HttpResponse:
    return render(
        request,
        "sockets/finance_session.html",
        {
            "account": queries.account(settings.REGION, session_id),
            "works": request.actor.has(FINANCE),
            "refused": refused,
            "typed": request.POST if refused else {},
        },
        status=refused.status if refused else 200,
    )


def propose_charge(request: Request, session_id: UUID) -> HttpResponse:
    try:
        fen = _fen(request.POST.get("yuan", ""))
        handwork.propose_charge(
            session_id=session_id, fen=fen, reason=request.POST.get("reason", ""), by=request.actor, at=clocks.now()
        )
    except Refused as no:
        if no.status == 404:
            raise
        return session(request, session_id, refused=no)
    messages.success(request, say("已提出，等待另一人批准。", "Put forward; it waits for another person."))
    return redirect(reverse("sockets:finance_refunds"))


def _fen(typed: str) -> int:
    """Return an amount of yuan in fen. Raises Refused("odd_amount")."""
    try:
        fen = Decimal(typed.strip()) * 100 if len(typed) < 12 else Decimal("NaN")
    except InvalidOperation:
        fen = Decimal("NaN")
    if not fen.is_finite() or fen != int(fen):
        raise Refused(
            "odd_amount",
            "金额请填数字，如1.80，没有保存。",
            en="An amount is a number such as 1.80; nothing was kept.",
            status=422,
        )
    return int(fen)
