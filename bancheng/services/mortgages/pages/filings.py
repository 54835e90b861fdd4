"""The bank's desk: ask the book, prepare, enclose, file, follow, correct, withdraw, fetch the proof; mortgages it holds."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.registrations import public as registrations
from bancheng.lib.refusal import Refused
from bancheng.services.mortgages import doors
from bancheng.services.mortgages.models import Filing
from bancheng.services.mortgages.operations import filings as operations
from bancheng.services.mortgages.queries import filings as queries
from bancheng.services.mortgages.rules import filings as rules
from bancheng.services.mortgages.rules.channels import KINDS, Kind
from bancheng.web import registered, typed
from bancheng.web.acting import carry_out
from bancheng.web.doors import Request

SIZE, PEOPLE = 30, 4  # rows for people on the form: more names are a matter for the window
TEXTS = ("rate", "location", "scope", "reason", "contract_no")


def quote(request: Request) -> HttpResponse:
    """Ask the book about a client's home, for a purpose he authorised; the look is on record."""
    found, refused, post = None, None, request.POST
    if request.method == "POST":
        try:
            lots = queries.lots_named(post.get("code", ""))
            operations.note_quote(
                lots=lots,
                purpose=post.get("purpose", ""),
                authorised=post.get("authorised") == "yes",
                by=request.actor,
                at=clocks.now(),
            )
            found = queries.quote(lots, _kind(post))
        except Refused as no:
            refused = no
    return render(
        request,
        "mortgages/quote.html",
        {"quote": found, "kinds": _new_kinds(), "refused": refused, "typed": post, "kind": post.get("kind", "")},
        status=refused.status if refused else 200,
    )


def _kind(given: QueryDict) -> Kind:
    written = given.get("kind", "")
    return Kind(written) if written in set(Kind) else Kind.SET_UP


def _new_kinds() -> list[tuple[Kind, Any]]:
    return [(kind, KINDS[kind]) for kind in (Kind.SET_UP, Kind.PRE)]


def listed(request: Request) -> HttpResponse:
    show = request.GET.get("show", "")
    page = Paginator(queries.listed(request.actor, show), SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "mortgages/filings.html",
        {
            "lines": queries.lines(list(page)),
            "page": page,
            "shows": [
                {"words": words, "url": f"?show={code}" if code else "?", "current": show == code}
                for code, words in queries.SHOWS.items()
            ],
        },
    )


def new(request: Request) -> HttpResponse:
    """Show the form of a filing; posted, prepare it."""
    if request.method == "POST":
        try:
            made = _prepared(request)
        except Refused as no:
            return _form(request, request.POST, refused=no)
        return redirect("mortgages:filing", made.pk)
    return _form(request, request.GET)


def _form(request: Request, given: QueryDict, refused: Refused | None = None) -> HttpResponse:
    kind = _kind(given)
    return render(
        request,
        "mortgages/filing_new.html",
        {
            "kind": kind,
            "name": KINDS[kind],
            "on_right": kind in rules.ON_RIGHT,
            "new": kind not in rules.ON_RIGHT,
            "named": kind in rules.NAMES_OWNERS,
            "principal": kind not in (Kind.TRANSFER, Kind.CANCEL),
            "term": kind in (Kind.SET_UP, Kind.PRE, Kind.CHANGE),
            "lots": given.getlist("lot"),
            "rows": [_row(given, n) for n in range(1, PEOPLE + 1)],
            "roles": [(role, registrations.ROLES[registrations.Role(role)]) for role in rules.ROLES],
            "banks": queries.banks_but(doors.unit_of(request.actor, doors.CLERK)) if kind is Kind.TRANSFER else [],
            "refused": refused,
            "typed": given,
        },
        status=refused.status if refused else 200,
    )


def _row(given: QueryDict, n: int) -> dict[str, Any]:
    said = {name: given.get(f"{name}{n}", "") for name in ("role", "name", "number", "married", "spouse_of")}
    return {"n": n, "shown": n == 1 or bool(said["name"] or said["number"]), **said}


def _prepared(request: Request) -> Filing:
    post, kind = request.POST, _kind(request.POST)
    lots = [each for one in post.getlist("lot") for each in one.replace("，", ",").replace("\n", ",").split(",")]
    return operations.prepare(
        kind=post.get("kind", ""),
        lots=lots,
        right=post.get("right", ""),
        loan_no=post.get("loan_no", ""),
        said=_terms(post, kind, lots),
        people=_people(post) if kind in rules.NAMES_OWNERS else [],
        to_bank=post.get("to_bank", ""),
        version=typed.whole(post["version"]) if post.get("version") else None,
        no_conditions=post.get("no_conditions") == "yes",
        by=request.actor,
        at=clocks.now(),
    )


def _terms(post: QueryDict, kind: Kind, lots: list[str]) -> dict[str, Any]:
    said: dict[str, Any] = {name: post.get(name, "").strip()[:300] for name in TEXTS}
    if post.get("principal") or kind in (Kind.SET_UP, Kind.PRE):
        said |= {"principal_fen": typed.fen(post.get("principal", "")), "currency": post.get("currency") or "CNY"}
    if kind in (Kind.SET_UP, Kind.PRE, Kind.CHANGE):
        said |= {name: typed.day(post.get(name, "")).isoformat() for name in ("first", "last") if post.get(name)}
    if kind is Kind.FIX and post.get("fixed_on"):
        said["fixed_on"] = typed.day(post.get("fixed_on", "")).isoformat()
    if kind is Kind.CHANGE and post.get("restricted") in ("yes", "no"):
        said["transfer_restricted"] = post["restricted"] == "yes"
    if kind is Kind.SET_UP:
        said |= {"maximum": post.get("maximum") == "yes", "transfer_restricted": post.get("restricted") == "yes"}
    if post.get("area") and len(lots) == 1:
        said["areas"] = {"".join(lots[0].split()).upper(): typed.dm2(post.get("area", ""))}
    return said


def _people(post: QueryDict) -> list[rules.Person]:
    found = []
    for n in range(1, PEOPLE + 1):
        row = _row(post, n)
        if row["name"].strip() and row["role"] in rules.ROLES:
            found.append(
                rules.Person(
                    row["role"],
                    row["name"].strip()[:60],
                    row["number"].strip().upper()[:18],
                    row["married"] == "yes",
                    row["spouse_of"].strip()[:60],
                )
            )
    return found


def one(request: Request, filing_id: UUID, refused: Refused | None = None) -> HttpResponse:
    actor = request.actor
    found = queries.filing(actor, filing_id)
    view = registrations.view(found.application) if found.application else None
    draft = found.stage == rules.Stage.DRAFT
    own = found.prepared_by == actor.ref
    return render(
        request,
        "mortgages/filing.html",
        {
            "line": queries.lines([found])[0],
            "one": found,
            "shown": queries.shown(found),
            "enclosed": queries.enclosed(found),
            "wanted": queries.wanted(found.kind),
            "problems": operations.problems(filing=found, by=actor, at=clocks.now()) if draft else [],
            "draft": draft,
            "own": own,
            "submits": draft and not own and doors.is_bank(actor, found.bank, doors.APPROVER),
            "view": view,
            "letter_making": bool(view and registrations.letter_being_made(view)),
            "proofs": queries.own_proofs(found, view.certificates) if view else [],
            "open": bool(view and view.state in registrations.OPEN),
            "events": queries.timeline(view) if view else [],
            "waiting": [registrations.ROLES[each.role] for each in view.waiting_for] if view else [],
            "corrections": view.corrections if view and view.state is registrations.State.CORRECTION else (),
            "refused": refused,
            "typed": request.POST,
        },
        status=refused.status if refused else 200,
    )


def _act(
    request: Request, filing_id: UUID, do: Callable[..., object], zh: str, en: str, *fields: str, file: bool = False
) -> HttpResponse:
    """Do one thing about a filing with what was typed into `fields` and, if it asks for one, the file; show the filing again."""

    def act() -> None:
        given = _file(request) if file else {}
        do(filing_id=filing_id, **typed.words(request, *fields), **given, by=request.actor, at=clocks.now())

    queries.filing(request.actor, filing_id)
    then = ("mortgages:filing", filing_id)
    return carry_out(request, act, zh, en, then=then, again=lambda no: one(request, filing_id, refused=no))


def _file(request: Request) -> dict[str, Any]:
    file = request.FILES.get("file")
    if file is None:
        raise Refused("no_scan", "请选择文件，没有保存。", en="Choose the file; nothing was kept.", status=422)
    return {"name": file.name or "", "pieces": file.chunks(), "size": file.size}


def enclose(request: Request, filing_id: UUID) -> HttpResponse:
    says = "材料已保存。", "The paper is kept."
    return _act(request, filing_id, operations.enclose, *says, "material", file=True)


def drop(request: Request, filing_id: UUID) -> HttpResponse:
    return _act(request, filing_id, operations.drop, "已作废。", "Dropped.")


def submit(request: Request, filing_id: UUID) -> HttpResponse:
    says = (
        "已提交登记机构；当事人本人同意后进入受理。",
        "Filed; it is accepted once everybody named has agreed on his own account.",
    )
    return _act(request, filing_id, operations.submit, *says)


def supplement(request: Request, filing_id: UUID) -> HttpResponse:
    says = "已补正。", "Corrected."
    return _act(request, filing_id, operations.supplement, *says, "material", file=True)


def withdraw(request: Request, filing_id: UUID) -> HttpResponse:
    says = "已撤回申请，登记簿没有变化。", "Withdrawn; the book is as it was."
    return _act(request, filing_id, operations.withdraw, *says, "reason")


def proof(request: Request, filing_id: UUID, certificate_id: UUID) -> HttpResponse:
    """Give the bank the proof its filing led to; with it it counts as delivered (F13.6)."""
    found = queries.filing(request.actor, filing_id)
    certificates = registrations.certificates_of([found.application]) if found.application else []
    if certificate_id not in {each.id for each in queries.own_proofs(found, certificates)}:
        raise registrations.no_such_certificate()
    return registered.pdf(certificate_id, by=request.actor.ref, at=clocks.now())


def held_proof(request: Request, certificate_id: UUID) -> HttpResponse:
    """Give the bank the proof of a mortgage it holds, whoever filed what led to it: a claim taken over, a pre-mortgage that became a mortgage."""
    found = queries.held_proof(request.actor, certificate_id)
    return registered.pdf(found.id, by=request.actor.ref, at=clocks.now())


def letter(request: Request, filing_id: UUID, letter_id: UUID) -> HttpResponse:
    """Give the bank a letter of the office about what it filed: not accepted, to be corrected, refused."""
    found = queries.filing(request.actor, filing_id)
    if found.application is None:
        raise registrations.no_such_letter()
    return registered.letter_pdf(letter_id, application_id=found.application, by=request.actor.ref, at=clocks.now())


def held(request: Request) -> HttpResponse:
    find = request.GET.get("find", "")
    page = Paginator(queries.held(request.actor, find), SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "mortgages/held.html",
        {"page": page, "lines": queries.with_proofs(request.actor, list(page)), "find": find},
    )
