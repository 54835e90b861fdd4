"""The doors of certificates."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.letters import public as letters
from bancheng.lib.refusal import Refused
from bancheng.services.certificates import queries
from bancheng.web.doors import Request
from bancheng.web.forms import say

MOST = 5 * 2**20  # a certificate has some 70 KB
PDF = "application/pdf"


def own(request: Request) -> HttpResponse:
    now = clocks.now()
    held = queries.mine(request.actor, at=now)
    return render(request, "certificates/mine.html", {"held": held, "today": now.date()})


def licence(request: Request, licence_id: int) -> HttpResponse:
    now = clocks.now()
    return render(
        request,
        "certificates/licence.html",
        {
            "mine": queries.my_licence(request.actor, licence_id, at=now),
            "making": certificates.being_made(licence_id),
            "uses": queries.uses(request.actor, licence_id),
            "today": now.date(),
        },
    )


def make(request: Request, licence_id: int) -> HttpResponse:
    now = clocks.now()
    queries.my_licence(request.actor, licence_id, at=now)
    certificates.ask(licence_id=licence_id, by=request.actor.ref, at=now)
    messages.success(
        request,
        say("已收到，正在制作并盖章，一般几秒钟。", "Taken in: it is being made and sealed, as a rule within seconds."),
    )
    return redirect("certificates:licence", licence_id)


def download(request: Request, certificate_id: UUID) -> HttpResponse:
    hashes = queries.own_hashes(request.actor)
    found = certificates.fetch(certificate_id=certificate_id, hashes=hashes, by=request.actor.ref, at=clocks.now())
    if found is None:
        raise Http404
    certificate, data = found
    answer = HttpResponse(data, content_type=PDF)
    answer["Content-Disposition"] = (
        f'attachment; filename="certificate-{certificates.shown_code(certificate.code)}.pdf"'
    )
    return answer


def check(request: Request) -> HttpResponse:
    """Ask for a code or a file; a code that was typed leads to its page."""
    typed = request.GET.get("code", "").strip()
    if typed:
        return redirect("certificates:verify", certificates.read_code(typed) or typed[:40].replace("/", "-"))
    return render(request, "certificates/check.html", {"most": MOST // 2**20, "sample": certificates.is_sample()})


def verify(request: Request, code: str) -> HttpResponse:
    """Show what a certificate is worth at this second; no cache may keep the answer (R-E-4)."""
    request.private = True
    now = clocks.now()
    if letter := letters.by_code(code):
        return _letter(request, letter, now)
    shown = queries.facts(certificates.by_code(code, at=now))
    return render(request, "certificates/verify.html", {"shown": shown, "at": shown.certificate.at})


def check_file(request: Request) -> HttpResponse:
    request.private = True
    now = clocks.now()
    data = _uploaded(request)
    if found := letters.examine(data):
        return _letter(request, found.letter, now, file=found)
    return render(request, "certificates/examined.html", {"found": queries.examination(data, at=now), "at": now})


def _letter(request: Request, letter: letters.View, at: datetime, file: letters.Examined | None = None) -> HttpResponse:
    """Show an office's letter: the same page whether its code or its file was brought."""
    shown = {"letter": letter, "unit": queries.unit_of(letter.unit), "file": file, "at": at}
    return render(request, "certificates/letter.html", shown)


def _uploaded(request: Request) -> bytes:
    file = request.FILES.get("file")
    if file is None or not file.size:
        raise Refused(
            "no_file",
            "没有选择文件，未作核验。请选择从本平台下载的电子证照（PDF）。",
            en="No file was chosen, so nothing was checked. Choose the certificate (PDF) that was downloaded here.",
            status=422,
        )
    if file.size > MOST:
        raise Refused(
            "file_too_large",
            f"文件超过{MOST // 2**20}兆，不是本平台的电子证照，未作核验。",
            en=f"The file is larger than {MOST // 2**20} MB and no certificate of this platform; nothing was checked.",
            status=422,
        )
    data: bytes = file.read()
    return data


def roots(request: Request) -> HttpResponse:
    """Give the trusted authorities to those who check a seal in a program of their own."""
    return HttpResponse(certificates.roots_pem(), content_type="application/x-pem-file")
