"""The doors: a bank's people at their own system, operators at all of them, and whoever clears differences up."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.lib import money
from bancheng.lib.manifest import Page
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.partners import queries
from bancheng.web.doors import Request
from bancheng.web.forms import say

KINDS = {
    "missing": Text("银行没有这一条", "The bank does not have it"),
    "diff": Text("内容不一致", "The two books differ"),
    "unknown": Text("登记簿没有这一条", "Our book does not have it"),
    "no_answer": Text("没有答复", "Not answered"),
}
BANK_SCOPES = ("submit", "read", "events", "collect")


class Offer(forms.Form):
    """A public key to hand in."""

    public_key = forms.CharField(
        max_length=4000,
        label=say("公钥（PEM）", "Public key (PEM)"),
        help_text=say(
            "国密SM2，或Ed25519、ECDSA P-256、RSA 2048位以上；私钥请勿提交",
            "SM2, or Ed25519, ECDSA P-256, RSA of 2048 bits or more; never send the private key",
        ),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
    )
    signer = forms.CharField(
        required=False,
        max_length=64,
        label=say("SM2用户标识（另有约定时填写）", "SM2 user id (when another is agreed)"),
        help_text=say("空着即1234567812345678", "empty means 1234567812345678"),
    )


class Prove(forms.Form):
    """The signature of the challenge."""

    signature = forms.CharField(
        max_length=2000,
        label=say("签名（Base64）", "Signature (base64)"),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
    )


class Open(forms.Form):
    """A bank's system to open."""

    code = forms.RegexField(
        r"^[a-z][a-z0-9-]{2,29}$",
        label=say("代码", "Code"),
        help_text=say(
            "3到30位小写字母、数字或横线，以后不能改", "3 to 30 lower-case letters, digits or dashes; it stays"
        ),
    )
    unit = forms.ChoiceField(
        choices=lambda: [(unit.code, say(unit.name, unit.name_en)) for unit in catalogue.units()],
        label=say("单位", "Organisation"),
    )


class Agree(forms.Form):
    """An agreement to enter."""

    agreement = forms.CharField(max_length=80, label=say("协议编号", "Number of the agreement"))
    until = forms.DateField(
        label=say("到期日（含当日）", "Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


# --- a bank's own people


def own(request: Request) -> HttpResponse:
    return _own(request)


def _own(
    request: Request, *, offer: Offer | None = None, prove: Prove | None = None, no: Refused | None = None
) -> HttpResponse:
    partner_id = queries.own_partner(request.actor)
    values: dict[str, Any] = {"found": None}
    if partner_id is not None:
        values = {
            **_whole(partner_id),
            "offer": offer or Offer(),
            "prove": prove or Prove(),
            "refused": no,
        }
    bad = any(form is not None and form.errors for form in (offer, prove))
    return render(request, "partners/own.html", values, status=no.status if no else 422 if bad else 200)


def _whole(partner_id: int) -> dict[str, Any]:
    now = clocks.now()
    return {
        "found": exchange.partner(partner_id, at=now),
        "offers": exchange.offers(at=now, partner_id=partner_id),
        "streams": exchange.streams(partner_id),
        "days": [(one, money.yuan(one.sum_fen)) for one in exchange.days(partner_id)],
        "differences": exchange.differences(partner_id=partner_id),
        "kinds": KINDS,
    }


def _mine(request: Request, partner_id: int | None) -> int:
    own_id = queries.own_partner(request.actor)
    if own_id is None or partner_id != own_id:
        raise Refused("no_such_partner", "没有这个合作系统，未作任何改动。", en="There is no such partner.", status=404)
    return own_id


def offer_key(request: Request) -> HttpResponse:
    form = Offer(request.POST)
    partner_id = queries.own_partner(request.actor)
    if partner_id is None:
        raise Refused(
            "no_system",
            "贵单位还没有开通合作系统，没有登记；请联系平台运维。",
            en="Your organisation has no system here: ask the operators.",
        )
    if not form.is_valid():
        return _own(request, offer=form)
    try:
        exchange.offer_key(partner_id=partner_id, **form.cleaned_data, by=request.actor, at=clocks.now())
    except Refused as no:
        return _own(request, offer=form, no=no)
    return _said(
        request, "partners:own", "公钥已登记，请对下面的文字签名。", "The key was taken in: now sign the text below."
    )


def prove_key(request: Request, offer_id: int) -> HttpResponse:
    _mine(request, exchange.partner_of_offer(_id(offer_id)))
    form = Prove(request.POST)
    if not form.is_valid():
        return _own(request, prove=form)
    try:
        exchange.prove_key(
            offer_id=offer_id, signature=form.cleaned_data["signature"], by=request.actor, at=clocks.now()
        )
    except Refused as no:
        return _own(request, prove=form, no=no)
    return _said(
        request,
        "partners:own",
        "签名相符，等待平台核对指纹后启用。",
        "It fits: an operator compares the fingerprint and lets it in.",
    )


def withdraw_offer(request: Request, offer_id: int) -> HttpResponse:
    _mine(request, exchange.partner_of_offer(_id(offer_id)))
    exchange.withdraw_offer(offer_id=offer_id, by=request.actor, at=clocks.now())
    return _said(request, "partners:own", "已撤回。", "Withdrawn.")


def revoke_own(request: Request, key_id: str) -> HttpResponse:
    _mine(request, exchange.partner_of_key(key_id))
    exchange.revoke_key(key_id=key_id, by=request.actor, at=clocks.now())
    return _said(request, "partners:own", "密钥已吊销，立即失效。", "The key is revoked: it works no more.")


# --- operators


def listed(request: Request) -> HttpResponse:
    return _listed(request, Open())


def _listed(request: Request, form: Open, no: Refused | None = None) -> HttpResponse:
    now = clocks.now()
    values = {
        "partners": [one for one in exchange.partners(at=now) if one.unit and not one.closed_at],
        "offers": exchange.offers(at=now),
        "form": form,
        "refused": no,
        "today": clocks.today(),
        "may_act": request.actor.has("operator", service="partners"),
    }
    return render(request, "partners/list.html", values, status=no.status if no else 422 if form.errors else 200)


def open_bank(request: Request) -> HttpResponse:
    """Open a bank's system with what every bank may do: hand in, read, hear and collect what is its own."""
    form = Open(request.POST)
    if not form.is_valid():
        return _listed(request, form)
    code, unit, now = form.cleaned_data["code"], form.cleaned_data["unit"], clocks.now()
    try:
        made = exchange.open_partner(
            region=settings.REGION,
            code=code,
            name=catalogue.unit(unit).name,
            unit=unit,
            by=request.actor,
            at=now,
        )
    except Refused as no:
        return _listed(request, form, no)
    for act in BANK_SCOPES:
        exchange.give_scope(
            partner_id=made.pk, act=act, service="mortgages", unit=exchange.OWN, by=request.actor, at=now
        )
    return _said(
        request,
        "partners:one",
        "已开通，请登记协议；公钥由银行自己提交。",
        "Open: enter the agreement; the bank hands in its key.",
        made.pk,
    )


def one(request: Request, partner_id: int) -> HttpResponse:
    return _one(request, partner_id)


def _one(request: Request, partner_id: int, *, agree: Agree | None = None, no: Refused | None = None) -> HttpResponse:
    whole = _whole(_id(partner_id))
    line = whole["found"].line
    values = {
        **whole,
        "agree": agree or Agree(initial={"agreement": line.agreement, "until": line.agreed_until}),
        "refused": no,
        "today": clocks.today(),
        "may_act": request.actor.has("operator", service="partners"),
    }
    bad = agree is not None and bool(agree.errors)
    return render(request, "partners/one.html", values, status=no.status if no else 422 if bad else 200)


def agree(request: Request, partner_id: int) -> HttpResponse:
    form = Agree(request.POST)
    if not form.is_valid():
        return _one(request, partner_id, agree=form)
    try:
        exchange.agree(partner_id=_id(partner_id), **form.cleaned_data, by=request.actor, at=clocks.now())
    except Refused as no:
        if no.status == 404:
            raise
        return _one(request, partner_id, agree=form, no=no)
    return _said(request, "partners:one", "协议已登记。", "The agreement is entered.", partner_id)


def confirm_key(request: Request, offer_id: int) -> HttpResponse:
    partner_id = exchange.partner_of_offer(_id(offer_id))
    try:
        exchange.confirm_key(offer_id=_id(offer_id), by=request.actor, at=clocks.now())
    except Refused as no:
        if no.status == 404 or partner_id is None:
            raise
        return _one(request, partner_id, no=no)
    return _said(
        request,
        "partners:one",
        "已启用；原有密钥还可使用14天。",
        "It works now; the ones before it work 14 days more.",
        partner_id,
    )


def revoke_key(request: Request, key_id: str) -> HttpResponse:
    partner_id = exchange.partner_of_key(key_id)
    exchange.revoke_key(key_id=key_id, by=request.actor, at=clocks.now())
    return _said(request, "partners:one", "密钥已吊销，立即失效。", "The key is revoked: it works no more.", partner_id)


# --- differences


def differences(request: Request) -> HttpResponse:
    return _differences(request)


def _differences(request: Request, no: Refused | None = None) -> HttpResponse:
    units = queries.owners(request.actor)
    values = {
        "open": exchange.differences(owners=units),
        "closed": exchange.differences(owners=units, closed=True, limit=30),
        "kinds": KINDS,
        "today": clocks.today(),
        "refused": no,
        "may_act": bool(units) or request.actor.has("operator", service="partners"),
    }
    return render(request, "partners/differences.html", values, status=no.status if no else 200)


def close_difference(request: Request, difference_id: int) -> HttpResponse:
    found, units = exchange.difference(_id(difference_id)), queries.owners(request.actor)
    if found is None or (units is not None and found.owner not in units):
        raise Refused(
            "no_such_difference", "没有这条差异，未作任何改动。", en="There is no such difference.", status=404
        )
    try:
        exchange.close_difference(
            difference_id=found.pk, cause=request.POST.get("cause", "")[:300], by=request.actor, at=clocks.now()
        )
    except Refused as no:
        if no.status == 404:
            raise
        return _differences(request, no)
    return _said(request, "partners:differences", "已结清。", "It is closed.")


def _id(number: int) -> int:
    return min(number, 2**63 - 1)  # a longer one in an address is nobody's either


def _said(request: Request, page: str, zh: str, en: str, *values: Any) -> HttpResponse:
    messages.success(request, str(say(zh, en)))
    return redirect(page, *values)


POST = ("POST",)
WHO, READERS = ("operator",), ("operator", "auditor")
OWN = [
    Page("own/", own, "own", queries.KEEPERS, title="本行系统接入|Our system", nav="系统接入|System"),
    Page("own/keys/", offer_key, "offer", queries.KEEPERS, POST, "提交公钥|Hand in a public key", owner="unit"),
    Page(
        "own/offers/<int:offer_id>/",
        prove_key,
        "prove",
        queries.KEEPERS,
        POST,
        "证明持有私钥|Prove a key",
        owner="unit",
    ),
    Page(
        "own/offers/<int:offer_id>/withdraw/",
        withdraw_offer,
        "withdraw",
        queries.KEEPERS,
        POST,
        "撤回公钥|Withdraw a key",
        owner="unit",
    ),
    Page(
        "own/keys/<slug:key_id>/revoke/",
        revoke_own,
        "revoke_own",
        queries.KEEPERS,
        POST,
        "吊销本行密钥|Revoke own key",
        owner="unit",
    ),
]
OPERATORS = [
    Page("", listed, "list", READERS, title="银行系统接入|Banks' systems", nav="银行接入|Banks"),
    Page("open/", open_bank, "open", WHO, POST, "开通银行系统|Open a bank's system"),
    Page("<int:partner_id>/", one, "one", READERS, title="一家银行的系统|One bank's system"),
    Page("<int:partner_id>/agreement/", agree, "agree", WHO, POST, "登记合作协议|Enter the agreement"),
    Page("offers/<int:offer_id>/confirm/", confirm_key, "confirm", WHO, POST, "启用公钥|Let a key in"),
    Page("keys/<slug:key_id>/revoke/", revoke_key, "revoke", WHO, POST, "吊销密钥|Revoke a key"),
]
DIFFERENCES = [
    Page(
        "differences/",
        differences,
        "differences",
        (*READERS, *queries.CLEARERS),
        title="对账差异|Differences",
        owner="unit",
        nav="对账差异|Differences",
    ),
    Page(
        "differences/<int:difference_id>/",
        close_difference,
        "close_difference",
        (*WHO, *queries.CLEARERS),
        POST,
        "结清对账差异|Close a difference",
        owner="unit",
    ),
]
