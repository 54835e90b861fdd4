"""Accounts and roles: who may do what, where and until when; weighty roles wait for a second person (P-1, P-2)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import public as identity
from bancheng.lib.days import start_of
from bancheng.lib.manifest import Page
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text
from bancheng.services.console import queries
from bancheng.web import doors
from bancheng.web.doors import Request
from bancheng.web.forms import say

ON_A_PAGE = 30
WHO = ("operator", "unit_admin")


def unit_choices() -> list[tuple[str, Any]]:
    units = [(unit.code, say(unit.name, unit.name_en)) for unit in catalogue.units()]
    return [("", say("（不限单位）", "(every unit)")), *units]


def _own_units(actor: identity.Actor) -> list[tuple[str, Any]]:
    """Return the units an administrator may give roles in."""
    names = queries.unit_names()
    return [(code, say(*words) if (words := _pair(names.get(code))) else code) for code in actor.units("unit_admin")]


def _pair(words: Text | None) -> tuple[str, str] | None:
    return (words.zh, words.en) if words else None


def _service_choices() -> list[tuple[str, Any]]:
    found = [(each.code, say(each.name, each.name_en or each.name)) for each in doors.services()]
    return [("", say("（全部服务）", "(every service)")), *found]


class Search(forms.Form):
    """Whose account is looked for."""

    q = forms.CharField(required=False, max_length=60, label=say("姓名或用户名", "Name or user name"))
    unit = forms.ChoiceField(required=False, choices=unit_choices, label=say("单位", "Unit"))


class Give(forms.Form):
    """A role to give: role, unit, area, service, time (P-1)."""

    role = forms.ChoiceField(label=say("角色", "Role"))
    unit = forms.ChoiceField(required=False, label=say("单位", "Unit"))
    area = forms.CharField(
        required=False,
        max_length=12,
        label=say("区划代码", "Area code"),
        help_text=say("空着表示全市", "empty: the whole city"),
    )
    service = forms.ChoiceField(required=False, choices=_service_choices, label=say("服务", "Service"))
    last = forms.DateField(
        required=False,
        label=say("最后一天", "Last day"),
        help_text=say("当天仍有效；空着不限期", "that day still counts; empty: no end"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, actor: identity.Actor) -> None:
        """Offer what `actor` may give: an operator every role, an administrator his officers' in his units."""
        super().__init__(data)
        operator = actor.has("operator", service="console")
        units = unit_choices() if operator else _own_units(actor)
        self.fields["unit"].choices = units  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["role"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (code, say(role.name.zh, role.name.en))
            for code, role in identity.ROLES.items()
            if operator or any(identity.may_grant(actor, code, unit=unit) for unit, _ in units)
        ]


class Open(forms.Form):
    """A new staff account."""

    username = forms.RegexField(
        r"^[a-z0-9][a-z0-9._-]{2,39}$",
        label=say("用户名", "User name"),
        help_text=say("3到40位小写字母、数字、点或横线", "3 to 40 lower-case letters, digits, dots or dashes"),
    )
    name = forms.CharField(max_length=100, label=say("姓名", "Name"))
    unit = forms.ChoiceField(required=False, choices=unit_choices, label=say("单位", "Unit"))
    title = forms.CharField(required=False, max_length=100, label=say("职务", "Title"))
    password = forms.CharField(
        required=False,
        max_length=200,
        label=say("初始密码", "First password"),
        help_text=say(
            "至少10位；空着则设置密码后才能登录", "at least 10 characters; empty: no sign-in until one is set"
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


def overview(request: Request) -> HttpResponse:
    form = Search(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    found = queries.accounts(request.actor, q=asked.get("q", ""), unit=asked.get("unit", ""))
    values = {
        "form": form,
        "page": Paginator(found, ON_A_PAGE).get_page(request.GET.get("page")),
        "waiting": queries.waiting_grants(request.actor),
        "operator": request.actor.has("operator", service="console"),
    }
    return render(request, "console/roles.html", values)


def account(request: Request, user_id: int) -> HttpResponse:
    return _account(request, _found(request, user_id), Give(actor=request.actor))


def _account(request: Request, found: queries.Account, form: forms.Form, no: Refused | None = None) -> HttpResponse:
    values = {
        "account": found,
        "form": form,
        "refused": no,
        "roles": identity.ROLES,
        "operator": request.actor.has("operator", service="console"),
        "own": request.actor.user_id == found.line.id,
    }
    bad = bool(form.errors)
    return render(request, "console/account.html", values, status=no.status if no is not None else 422 if bad else 200)


def _found(request: Request, user_id: int) -> queries.Account:
    found = queries.account(request.actor, user_id)
    if found is None:
        raise Http404
    return found


def give(request: Request, user_id: int) -> HttpResponse:
    found = _found(request, user_id)
    form = Give(request.POST, actor=request.actor)
    if not form.is_valid():
        return _account(request, found, form)
    asked = form.cleaned_data
    try:
        given = identity.grant(
            user_id=user_id,
            role=asked["role"],
            region=settings.REGION,
            unit=asked["unit"],
            area=asked["area"],
            service=asked["service"],
            before=_end_of(asked["last"]),
            by=request.actor,
            at=clocks.now(),
        )
    except Refused as no:
        return _account(request, found, form, no)
    said = (
        say("已授权，立即生效。", "The role is given and in force.")
        if given.in_force
        else say("已登记，等待另一人确认后生效。", "Noted: it comes into force when a second person confirms it.")
    )
    messages.success(request, str(said))
    return redirect("console:account", user_id)


def _end_of(last: date | None) -> datetime | None:
    return start_of(last + timedelta(days=1)) if last else None


def approve(request: Request, grant_id: int) -> HttpResponse:
    user_id = _own_grant(request, grant_id)
    identity.approve_grant(grant_id=grant_id, by=request.actor, at=clocks.now())
    messages.success(request, str(say("已确认，授权生效。", "Confirmed: the role is in force.")))
    return redirect("console:account", user_id)


def revoke(request: Request, grant_id: int) -> HttpResponse:
    user_id = _own_grant(request, grant_id)
    identity.revoke(grant_id=grant_id, by=request.actor, at=clocks.now())
    messages.success(request, str(say("已撤回，立即失效。", "Taken back: it has no force any more.")))
    return redirect("console:account", user_id)


def _own_grant(request: Request, grant_id: int) -> int:
    """Return whose grant it is, when the actor keeps that account; else it does not exist for him."""
    user_id = queries.grantee(request.actor, grant_id) if grant_id < 2**63 else None
    if user_id is None:
        raise Http404
    return user_id


def open_account(request: Request) -> HttpResponse:
    form = Open(request.POST or None)
    no: Refused | None = None
    if request.method == "POST" and form.is_valid():
        try:
            made = identity.open_staff_account(
                **form.cleaned_data, region=settings.REGION, by=request.actor, at=clocks.now()
            )
        except Refused as refused:
            no = refused
        else:
            messages.success(request, str(say("账号已开通，请授予角色。", "The account is open. Give it a role.")))
            return redirect("console:account", made.pk)
    status = no.status if no else 422 if form.errors else 200
    return render(request, "console/account_open.html", {"form": form, "refused": no}, status=status)


def set_active(request: Request, user_id: int) -> HttpResponse:
    _found(request, user_id)
    active = request.POST.get("active") == "1"
    identity.set_account_active(
        user_id=user_id, active=active, region=settings.REGION, by=request.actor, at=clocks.now()
    )
    messages.success(
        request,
        str(
            say("账号已恢复。", "The account is open again.")
            if active
            else say("账号已停用。", "The account is closed.")
        ),
    )
    return redirect("console:account", user_id)


PAGES = [
    Page("roles/", overview, "roles", WHO, title="账号与角色|Accounts and roles", owner="unit", nav="账号与角色|Roles"),
    Page("roles/open/", open_account, "account_open", ("operator",), ("GET", "POST"), "开通账号|Open an account"),
    Page("roles/<int:user_id>/", account, "account", WHO, title="一个账号|One account", owner="unit"),
    Page("roles/<int:user_id>/give/", give, "role_give", WHO, ("POST",), "授予角色|Give a role", "unit"),
    Page(
        "roles/<int:user_id>/active/",
        set_active,
        "account_active",
        ("operator",),
        ("POST",),
        "停用或恢复账号|Close or open an account",
    ),
    Page(
        "roles/grants/<int:grant_id>/approve/",
        approve,
        "role_approve",
        WHO,
        ("POST",),
        "确认授权|Confirm a role",
        "unit",
    ),
    Page(
        "roles/grants/<int:grant_id>/revoke/",
        revoke,
        "role_revoke",
        WHO,
        ("POST",),
        "撤回角色|Take a role back",
        "unit",
    ),
]
