"""Partner systems: opened, given keys and scopes, closed; what their webhooks brought, and what is done about one that halts (P-7, P-8)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.lib.manifest import PARTNER, Page
from bancheng.lib.refusal import Refused
from bancheng.web import api, doors
from bancheng.web.doors import Request
from bancheng.web.forms import say

WHO = ("operator",)
READERS = ("operator", "auditor")


class Open(forms.Form):
    """A partner to open."""

    code = forms.RegexField(
        r"^[a-z][a-z0-9-]{2,29}$",
        label=say("代码", "Code"),
        help_text=say(
            "3到30位小写字母、数字或横线，以后不能改", "3 to 30 lower-case letters, digits or dashes; it stays"
        ),
    )
    name = forms.CharField(
        max_length=100, label=say("名称", "Name"), help_text=say("单位和系统", "organisation and system")
    )


def service_choices() -> list[tuple[str, Any]]:
    """Return the services that have anything for partners."""
    open_to = {door.service for door in api.operations() if PARTNER in door.who}
    return [(one.code, say(one.name, one.name_en or one.name)) for one in doors.services() if one.code in open_to]


def unit_choices() -> list[tuple[str, Any]]:
    units = [(unit.code, say(unit.name, unit.name_en)) for unit in catalogue.units()]
    own = (exchange.OWN, say("（只限本系统代为申报的）", "(what it hands in itself)"))
    return [own, (exchange.EVERY, say("（全部单位）", "(every unit)")), *units]


class Give(forms.Form):
    """A scope to give: what, in which service, for which unit."""

    act = forms.ChoiceField(
        choices=[(act.value, say(words.zh, words.en)) for act, words in exchange.ACTS.items()],
        label=say("可以做什么", "What it may do"),
    )
    service = forms.ChoiceField(choices=service_choices, label=say("服务", "Service"))
    unit = forms.ChoiceField(required=False, choices=unit_choices, label=say("单位", "Unit"))


class Key(forms.Form):
    """A key to make."""

    public_key = forms.CharField(
        required=False,
        max_length=100,
        label=say("Ed25519公钥（可不填）", "Ed25519 public key (may stay empty)"),
        help_text=say(
            "Base64；由对方自行保管私钥。空着则生成一个共享密钥，只显示一次",
            "base64; the partner keeps its own secret. Empty: a shared secret is made and shown once",
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


def overview(request: Request) -> HttpResponse:
    return _overview(request, Open())


def _overview(request: Request, form: Open, no: Refused | None = None) -> HttpResponse:
    values = {
        "partners": exchange.partners(at=clocks.now()),
        "form": form,
        "refused": no,
        "may_act": request.actor.has("operator", service="console"),
    }
    return render(request, "console/partners.html", values, status=_status(form, no))


def _status(form: forms.Form, no: Refused | None) -> int:
    return no.status if no else 422 if form.errors else 200


def open_partner(request: Request) -> HttpResponse:
    form = Open(request.POST)
    if not form.is_valid():
        return _overview(request, form)
    try:
        made = exchange.open_partner(region=settings.REGION, **form.cleaned_data, by=request.actor, at=clocks.now())
    except Refused as no:
        return _overview(request, form, no)
    return _back(request, made.pk, "合作系统已开通，请授权并生成密钥。", "It is open: give it scopes and make a key.")


def show(request: Request, partner_id: int) -> HttpResponse:
    return _show(request, partner_id)


def _show(
    request: Request, partner_id: int, *, give: Give | None = None, no: Refused | None = None, made: Any = None
) -> HttpResponse:
    give = give or Give()
    found = exchange.partner(_id(partner_id), at=clocks.now())
    values = {
        "found": found,
        "scopes": _in_words(found.scopes),
        "states": exchange.STATES,
        "give": give,
        "key": Key(),
        "made": made,
        "refused": no,
        "may_act": request.actor.has("operator", service="console"),
    }
    return render(request, "console/partner.html", values, status=_status(give, no))


def _in_words(scopes: Sequence[exchange.ScopeLine]) -> list[dict[str, Any]]:
    services, units = dict(service_choices()), dict(unit_choices())
    return [
        {
            "id": one.id,
            "act": exchange.ACTS[one.act],
            "service": services.get(one.service, one.service),
            "unit": units.get(one.unit, one.unit),
        }
        for one in scopes
    ]


def _id(number: int) -> int:
    return min(number, 2**63 - 1)  # a longer one in an address is no partner's either


def make_key(request: Request, partner_id: int) -> HttpResponse:
    """Show the new key on the answer itself: a redirect would have to keep it somewhere. No page of the console is cached."""
    try:
        made = exchange.make_key(
            partner_id=_id(partner_id),
            public_key=request.POST.get("public_key", "")[:100],
            by=request.actor,
            at=clocks.now(),
        )
    except Refused as no:
        if no.status == 404:
            raise
        return _show(request, partner_id, no=no)
    return _show(request, partner_id, made=made)


def revoke_key(request: Request, partner_id: int, key_id: str) -> HttpResponse:
    exchange.revoke_key(key_id=key_id, by=request.actor, at=clocks.now())
    return _back(request, partner_id, "密钥已吊销，立即失效。", "The key is revoked: it works no more.")


def give(request: Request, partner_id: int) -> HttpResponse:
    form = Give(request.POST)
    if not form.is_valid():
        return _show(request, partner_id, give=form)
    try:
        exchange.give_scope(partner_id=_id(partner_id), **form.cleaned_data, by=request.actor, at=clocks.now())
    except Refused as no:
        if no.status == 404:
            raise
        return _show(request, partner_id, give=form, no=no)
    return _back(request, partner_id, "已授权，立即生效。", "The scope is given and in force.")


def take(request: Request, scope_id: int) -> HttpResponse:
    partner_id = exchange.take_scope(scope_id=_id(scope_id), by=request.actor, at=clocks.now())
    return _back(request, partner_id, "已收回，立即失效。", "Taken back: it has no force any more.")


def close(request: Request, partner_id: int) -> HttpResponse:
    exchange.close_partner(partner_id=_id(partner_id), by=request.actor, at=clocks.now())
    return _back(
        request, partner_id, "已停用：密钥全部失效，推送停止。", "Closed: no key works and nothing is brought any more."
    )


def retry(request: Request, partner_id: int, webhook_id: UUID) -> HttpResponse:
    exchange.retry(subscription_id=webhook_id, by=request.actor.ref, at=clocks.real_now())
    return _back(request, partner_id, "正在重新投递。", "It is being tried again.")


def pass_over(request: Request, partner_id: int, webhook_id: UUID) -> HttpResponse:
    exchange.pass_over(subscription_id=webhook_id, by=request.actor.ref, at=clocks.real_now())
    return _back(
        request,
        partner_id,
        "已跳过这一件，后面的继续投递；对方仍可从事件流读到它。",
        "Passed over; those behind it go on. The partner can still read it in the feed.",
    )


def _back(request: Request, partner_id: int, zh: str, en: str) -> HttpResponse:
    messages.success(request, str(say(zh, en)))
    return redirect("console:partner", partner_id)


POST = ("POST",)
PAGES = [
    Page("partners/", overview, "partners", READERS, title="合作系统|Partner systems", nav="合作系统|Partners"),
    Page("partners/open/", open_partner, "partner_open", WHO, POST, "开通合作系统|Open a partner"),
    Page("partners/<int:partner_id>/", show, "partner", READERS, title="一个合作系统|One partner"),
    Page("partners/<int:partner_id>/keys/", make_key, "partner_key", WHO, POST, "生成密钥|Make a key"),
    Page(
        "partners/<int:partner_id>/keys/<slug:key_id>/revoke/",
        revoke_key,
        "partner_key_revoke",
        WHO,
        POST,
        "吊销密钥|Revoke a key",
    ),
    Page("partners/<int:partner_id>/scopes/", give, "partner_scope", WHO, POST, "授权合作系统|Give a scope"),
    Page("partners/scopes/<int:scope_id>/take/", take, "partner_scope_take", WHO, POST, "收回授权|Take a scope back"),
    Page("partners/<int:partner_id>/close/", close, "partner_close", WHO, POST, "停用合作系统|Close a partner"),
    Page(
        "partners/<int:partner_id>/webhooks/<uuid:webhook_id>/retry/",
        retry,
        "partner_retry",
        WHO,
        POST,
        "重新投递|Try a delivery again",
    ),
    Page(
        "partners/<int:partner_id>/webhooks/<uuid:webhook_id>/pass/",
        pass_over,
        "partner_pass",
        WHO,
        POST,
        "跳过一件投递|Pass over a delivery",
    ),
]
