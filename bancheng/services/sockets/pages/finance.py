"""Finance: the reconciliation of each day, the channels' bills, the master meters' registers, and the files for other systems."""

import csv
import io
from datetime import date, timedelta

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.payments import public as payments
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.sockets import settlement
from bancheng.services.sockets.operations import reconciling
from bancheng.services.sockets.pages import typed
from bancheng.services.sockets.queries import finance as queries
from bancheng.services.sockets.rules import finance as words
from bancheng.services.sockets.rules.reconciling import Frozen
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request
from bancheng.web.downloads import csv_file
from bancheng.web.forms import say

SIZE = 31
SHOWN = timedelta(days=31)  # of the channels' bills
MOST_BYTES = 512_000


def _of_path(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Http404 from None


SECTIONS: dict[str, Text] = {
    "finance": Text("日对账", "Days"),
    "finance_bills": Text("渠道账单", "The channels' bills"),
    "finance_refunds": Text("退款处理", "Refunds"),
    "finance_search": Text("查用电单", "Find a session"),
}


def tabs(current: str) -> list[dict[str, object]]:
    """Return the sections of finance as links."""
    return [
        {"words": said, "url": reverse(f"sockets:{name}"), "current": name == current}
        for name, said in SECTIONS.items()
    ]


def finance(request: Request, refused: Refused | None = None) -> HttpResponse:
    at = clocks.now()
    stuck = queries.stuck(settings.REGION, at)
    page = Paginator(queries.days(settings.REGION), SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "sockets/finance.html",
        {
            "of_finance": tabs("finance"),
            "page": page,
            "stuck": len(stuck),
            "waiting": queries.by_hand(settings.REGION, open_only=True).count()
            + sum(1 for one in stuck if one.finding),
            "lying": queries.lying(settings.REGION, at),
            "works": request.actor.has(queries.FINANCE),
            "yesterday": (clocks.today() - timedelta(days=1)).isoformat(),
            "refused": refused,
            "typed": request.POST if refused else {},
        },
        status=refused.status if refused else 200,
    )


def day(request: Request, day: str) -> HttpResponse:
    found = queries.day(settings.REGION, _of_path(day))
    return render(request, "sockets/finance_day.html", {"day": found, "works": request.actor.has(queries.FINANCE)})


def reconcile(request: Request) -> HttpResponse:
    """Compare a past day anew."""
    try:
        when = typed.day(request.POST.get("day", ""))
        reconciling.reconcile(region=settings.REGION, day=when, by=request.actor.ref, at=clocks.now())
    except Refused as no:
        return finance(request, refused=no)
    messages.success(request, say("已对账。", "Reconciled."))
    return redirect("sockets:finance_day", when.isoformat())


def masters(request: Request) -> HttpResponse:
    """Take in registers of master meters: lines of address, day, register in kWh; from a file or typed."""
    return carry_out(
        request,
        lambda: reconciling.take_masters(
            rows=_frozen(_written(request)), region=settings.REGION, by=request.actor.ref, at=clocks.now()
        ),
        "已登记示数，请重新对账。",
        "The registers are taken in; reconcile again.",
        then=("sockets:finance",),
        again=lambda no: finance(request, refused=no),
    )


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
        steps, day = typed.register(register), date.fromisoformat(when)
    except ValueError:
        raise _bad_row(number) from None
    if steps is None:
        raise _bad_row(number)
    return Frozen(meter, day, steps)


def _bad_row(number: int) -> Refused:
    return Refused(
        "bad_row",
        f"第{number}行不对，一行也没有保存；每行写“表号,日期,示数”，如202611079001,2026-03-17,1234.56。",
        en=f"Line {number} is wrong and no line was kept. Each is “address,day,register”, as 202611079001,2026-03-17,1234.56.",
        status=422,
    )


def sessions_csv(request: Request, day: str) -> HttpResponse:
    when = _of_path(day)
    answer = HttpResponse(settlement.of(settings.REGION, when).content, content_type=settlement.TYPE)
    answer["Content-Disposition"] = f'attachment; filename="settlement-{when}.csv"'
    return answer


def findings_csv(request: Request, day: str) -> HttpResponse:
    when = _of_path(day)
    return csv_file(f"findings-{when}.csv", queries.findings(settings.REGION, when))


def bills(request: Request, refused: Refused | None = None) -> HttpResponse:
    """Show each channel's bill of the last month beside ours."""
    today = clocks.today()
    return render(
        request,
        "sockets/finance_bills.html",
        {
            "of_finance": tabs("finance_bills"),
            "bills": queries.bills(settings.REGION, first=today - SHOWN, last=today),
            "works": request.actor.has(queries.FINANCE),
            "yesterday": (today - timedelta(days=1)).isoformat(),
            "refused": refused,
            "typed": request.POST if refused else {},
        },
        status=refused.status if refused else 200,
    )


def compare(request: Request) -> HttpResponse:
    """Have a day's bill fetched and compared once more."""
    channel = request.POST.get("channel", "")
    if channel not in words.CHANNELS:
        raise Http404
    return carry_out(
        request,
        lambda: payments.compare_again(
            region=settings.REGION, channel=channel, day=_billed(request.POST.get("day", ""))
        ),
        "已安排重新核对，稍后刷新本页查看。",
        "It will be compared again; reload this page in a moment.",
        then=("sockets:finance_bills",),
        again=lambda no: bills(request, refused=no),
    )


def _billed(written: str) -> date:
    day = typed.day(written)
    if day >= clocks.today():
        raise Refused(
            "no_bill_yet",
            "账单次日上午十时以后才有，请选昨天或更早的日期，没有安排核对。",
            en="A bill is there after ten on the next day. Take yesterday or a day before; nothing was arranged.",
            status=422,
        )
    return day
