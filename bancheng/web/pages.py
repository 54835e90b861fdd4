"""The shell's own doors: home, sign-in, the switches, help, health, and the pattern page."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from bancheng.kernel.exchange import public as exchange
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.web import front, navigation, samples
from bancheng.web import metrics as figures
from bancheng.web.doors import Request, anonymous
from bancheng.web.middleware import SIZE_COOKIE, SIZES

YEAR = 365 * 24 * 3600


def address(*names: str) -> str:
    """Return the first of `names` that is an address of this site, or "" when none is."""
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return ""


def safe_next(request: HttpRequest, default: str = "/") -> str:
    """Return where the form wants to go on, when that is a page of this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or default
    secure = request.is_secure()
    return wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=secure) else default


def home(request: Request) -> HttpResponse:
    known = not anonymous(request.actor)
    values = {
        "search": address("guides:search", "guides:home") or "/guides/",
        "todo": front.asked(request.actor) if known else [],
        "scenes": front.SCENES,
        "doors": navigation.tabs(request.actor),
    }
    return render(request, "web/home.html", values)


def sign_in(request: Request) -> HttpResponse:
    people = identity.demo_people() if settings.DEMO else []
    return render(request, "web/sign_in.html", {"people": people, "next": safe_next(request)})


def demo_sign_in(request: Request) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    identity.demo_sign_in(request, request.POST.get("code", ""))
    return redirect(safe_next(request))


def language(request: Request) -> HttpResponse:
    answer = redirect(safe_next(request))
    wanted = request.POST.get("language", "")
    if wanted in dict(settings.LANGUAGES):
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, wanted, max_age=YEAR, samesite="Lax", httponly=True)
    return answer


def size(request: Request) -> HttpResponse:
    answer = redirect(safe_next(request))
    wanted = request.POST.get("size", "")
    if wanted in SIZES:
        answer.set_cookie(SIZE_COOKIE, wanted, max_age=YEAR, samesite="Lax", httponly=True)
    return answer


def help_line(request: Request) -> HttpResponse:
    return render(request, "web/help.html")


def house_keys(request: Request) -> HttpResponse:
    """Publish the keys that sign what partners get from us."""
    return JsonResponse(exchange.house_keys())


def healthz(request: Request) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: Request) -> HttpResponse:
    """Say whether this machine should be sent work: the database answers, and jobs are not piling up unseen."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        waiting = jobs.status().oldest_wait_seconds
    except DatabaseError:
        return JsonResponse({"database": False}, status=503)
    return JsonResponse({"database": True, "jobs_oldest_wait_seconds": waiting})


def metrics(request: Request) -> HttpResponse:
    """Return figures for Prometheus. They hold no personal data; a proxy in front need not pass this address on."""
    status = jobs.status()
    text = figures.lines(
        jobs_waiting=status.waiting,
        jobs_doing=status.doing,
        jobs_failed=status.failed,
        jobs_retrying=status.retrying,
        jobs_oldest_wait_seconds=status.oldest_wait_seconds,
    )
    return HttpResponse(text, content_type="text/plain; version=0.0.4")


def patterns(request: Request) -> HttpResponse:
    """Show every component in every state: where page builders look, and what the browser tests measure."""
    return render(request, "web/patterns.html", samples.context())


def pattern_part(request: Request, state: str) -> HttpResponse:
    """Show a shell, an error page or a polled fragment on its own."""
    if state == "progress":
        step = min(int(request.GET.get("v", "0") or 0) + 1, 5)
        done = step == 5
        return render(request, "web/_progress.html", {"p": samples.progress(step)}, status=286 if done else 200)
    if state not in samples.PARTS:
        raise Http404
    template, status, values = samples.PARTS[state]
    return render(request, template, values, status=status)
