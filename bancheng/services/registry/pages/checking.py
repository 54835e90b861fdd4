"""What anybody may do: read what registration is, and check a certificate or a letter by number, code or file."""

from django.http import HttpResponse
from django.shortcuts import render

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.registrations import public as registrations
from bancheng.lib.refusal import Refused
from bancheng.web.doors import Request

MOST = 5 * 2**20


def home(request: Request) -> HttpResponse:
    """Say what is registered here, by which days, and who does what."""
    return render(request, "registry/home.html", {"kinds": list(registrations.kinds().values())})


def check(request: Request) -> HttpResponse:
    """Ask for a number or a file; a number that was typed leads to what it is worth."""
    request.private = True
    typed = request.GET.get("number", "").strip()
    if typed:
        letter = registrations.letter(typed) or registrations.letter_by_code(typed)
        if letter is not None:
            return _letter_shown(request, letter, None)
        found = registrations.certificate(typed) or registrations.by_code(typed)
        return _shown(request, found, None, typed)
    return render(request, "registry/check.html", {"most": MOST // 2**20})


def by_code(request: Request, code: str) -> HttpResponse:
    """Show what the certificate or letter behind a code is worth at this second; no cache may keep the answer (R13.8)."""
    request.private = True
    letter = registrations.letter_by_code(code)
    if letter is not None:
        return _letter_shown(request, letter, None)
    return _shown(request, registrations.by_code(code), None, code)


def check_file(request: Request) -> HttpResponse:
    """Examine a file that somebody was shown; it is not kept."""
    request.private = True
    file = request.FILES.get("file")
    if file is None or not file.size or file.size > MOST:
        raise Refused(
            "no_file",
            f"请选择从本平台下载的不动产电子证照或登记文书（PDF，不超过{MOST // 2**20}兆），未作核验。",
            en=f"Choose the file (PDF, {MOST // 2**20} MB at most) that was downloaded here; nothing was checked.",
            status=422,
        )
    data = file.read()
    letter = registrations.examine_letter(data)
    if letter is not None:
        return _letter_shown(request, letter.letter, letter)
    found = registrations.examine(data)
    return _shown(request, found.certificate if found else None, found, "")


def _shown(
    request: Request,
    found: registrations.CertificateView | None,
    examined: registrations.Examined | None,
    typed: str,
) -> HttpResponse:
    holds = found is not None and found.standing is registrations.Standing.ISSUED
    return render(
        request,
        "registry/checked.html",
        {
            "found": found,
            "examined": examined,
            "file": not typed,
            "holds": holds and (examined is None or examined.holds),
            "paper": registrations.PAPERS[found.kind] if found else None,
            "standing": registrations.STANDINGS[found.standing] if found else None,
            "unit": _unit(found.registry) if found else "",
            "lots": [lot[:6] + "…" + lot[-8:] for lot in found.lots[:5]] if found else [],
            "more": max(len(found.lots) - 5, 0) if found else 0,
            "typed": typed[:80],
            "at": clocks.now(),
        },
        status=200 if found else 404,
    )


def _letter_shown(
    request: Request, found: registrations.LetterView, examined: registrations.ExaminedLetter | None
) -> HttpResponse:
    """Show that a letter is the registry's; whom it is to and why stays between them."""
    return render(
        request,
        "registry/letter.html",
        {"found": found, "examined": examined, "unit": _unit(found.registry), "at": clocks.now()},
    )


def _unit(registry: str) -> object:
    return catalogue.unit_names([registry]).get(registry, "")
