"""Every change of people, agencies, grants and consents: one transaction, one audit line, nothing personal in the line."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate

from bancheng.kernel.audit import public as audit
from bancheng.kernel.identity import facts, rules
from bancheng.kernel.identity.models import Agency, Consent, IdentityProof, Organisation, Person, RoleGrant, User
from bancheng.kernel.identity.rules import Actor
from bancheng.kernel.identity.sealing import open_sealed, sealer
from bancheng.lib.identifiers import Invalid, check_citizen_id, check_mobile, check_uscc, normalise_name, uuid7
from bancheng.lib.refusal import Refused


def _refused(no: Invalid) -> Refused:
    return Refused(no.code, f"{no.says}。", en=f"{no.en}.", status=422)


# --- people and organisations ---


def register_person(
    *, region: str, name: str, citizen_id: str, mobile: str = "", special: Sequence[str] = (), by: str, at: datetime
) -> Person:
    """Return the person with this citizen ID, registering him when he is new.

    Name, mobile and special groups given now replace the earlier ones. Run it as often as you like. Raises Refused.
    """
    try:
        citizen_id = check_citizen_id(citizen_id, today=localdate(at))
        mobile = check_mobile(mobile) if mobile else ""
    except Invalid as no:
        raise _refused(no) from None
    found: dict[str, str | bytes] = {"name": normalise_name(name), **_contact(mobile), **_special(special)}
    ids = sealer("citizen_id")
    with transaction.atomic():
        person, made = Person.objects.select_for_update().get_or_create(
            region=region,
            citizen_id_hash=ids.hash(citizen_id),
            defaults={"id": uuid7(at), "citizen_id_sealed": ids.seal(citizen_id), "created_at": at, **found},
        )
        changed = [] if made else _changes(person, found)
        if changed:
            person.save(update_fields=changed)
        if made or changed:
            audit.record(
                "identity.person_registered" if made else "identity.person_changed",
                who=by,
                about=str(person),
                at=at,
                region=region,
                detail={"fields": sorted(changed)} if changed else {},
            )
    return person


def _contact(mobile: str) -> dict[str, bytes]:
    if not mobile:
        return {}
    mobiles = sealer("mobile")
    return {"mobile_sealed": mobiles.seal(mobile), "mobile_hash": mobiles.hash(mobile)}


def _special(groups: Sequence[str]) -> dict[str, bytes]:
    return {"special_sealed": sealer("special_group").seal(",".join(sorted(groups)))} if groups else {}


def _changes(person: Person, found: dict[str, str | bytes]) -> list[str]:
    """Put what is new on `person` and return the changed columns; a sealed value never looks the same twice."""
    changed = []
    for column, value in found.items():
        if column == "special_sealed":
            kept = person.special_sealed
            same = kept is not None and sealer("special_group").open(kept) == sealer("special_group").open(bytes(value))  # type: ignore[arg-type]
        elif column == "mobile_sealed":
            same = person.mobile_hash is not None and bytes(person.mobile_hash) == found["mobile_hash"]
        else:
            kept = getattr(person, column)
            same = (bytes(kept) if isinstance(kept, memoryview) else kept) == value
        if not same:
            setattr(person, column, value)
            changed.append(column)
    return changed


def register_organisation(*, region: str, name: str, uscc: str, by: str, at: datetime) -> Organisation:
    """Return the organisation with this credit code, registering it when it is new. Raises Refused."""
    try:
        uscc = check_uscc(uscc)
    except Invalid as no:
        raise _refused(no) from None
    with transaction.atomic():
        organisation, made = Organisation.objects.get_or_create(
            region=region,
            uscc=uscc,
            defaults={"id": uuid7(at), "name": name, "uscc_hash": sealer("uscc").hash(uscc), "created_at": at},
        )
        if made:
            audit.record("identity.organisation_registered", who=by, about=str(organisation), at=at, region=region)
    return organisation


def close_organisation(
    *, region: str, holder_hash: bytes, document: str, cause: str = "", by: str, at: datetime
) -> bool:
    """Close an organisation whose registration was cancelled, and tell everybody who holds something of it (R14.7).

    Written powers end with their principal (民法典 第一百七十三条); who represents it by office may bring to an end what is left
    (`rules.LEFT_DAYS`). Return False, and do nothing, when it was closed before; one that was never registered here is told of
    all the same. The licence library, cases and services listen.
    """
    with transaction.atomic():
        found = Organisation.objects.select_for_update().filter(region=region, uscc_hash=holder_hash).first()
        if found is not None:
            if found.closed_at is not None:
                return False
            found.closed_at = at
            found.save(update_fields=["closed_at"])
            _end_agencies_of(found, by=by, at=at)
            audit.record(
                "identity.organisation_closed",
                who=by,
                about=str(found),
                at=at,
                region=region,
                detail={"document": document},
            )
        ref = str(found) if found is not None else ""
        facts.organisation_cancelled.fire(facts.Cancelled(region, holder_hash, ref, document, cause, by, at))
    return True


def _end_agencies_of(organisation: Organisation, *, by: str, at: datetime) -> None:
    last = localdate(at) + timedelta(days=rules.LEFT_DAYS)
    open_ = Agency.objects.filter(principal_organisation=organisation, ended_at=None)
    for pk in open_.filter(legal_representative=False).values_list("pk", flat=True):
        end_agency(agency_id=pk, by=by, at=at)
    open_.filter(Q(last=None) | Q(last__gt=last), legal_representative=True, first__lte=last).update(last=last)


# --- agencies ---


def link_agent(
    *,
    principal: Person | Organisation,
    agent: Person,
    document: str,
    first: date,
    last: date | None = None,
    services: Sequence[str] = (),
    matters: Sequence[str] = (),
    legal_representative: bool = False,
    by: str,
    at: datetime,
) -> Agency:
    """Return the open agency under `document`, linking it when it is new (P-5). Raises Refused."""
    _check_agency(principal, agent, document, first, last)
    of_person = principal if isinstance(principal, Person) else None
    of_organisation = principal if isinstance(principal, Organisation) else None
    with transaction.atomic():
        agency, made = Agency.objects.get_or_create(
            region=principal.region,
            principal_person=of_person,
            principal_organisation=of_organisation,
            agent=agent,
            document=document,
            ended_at=None,
            defaults={
                "first": first,
                "last": last,
                "services": list(services),
                "matters": list(matters),
                "legal_representative": legal_representative,
                "linked_by": by,
                "linked_at": at,
            },
        )
        if made:
            _about_agency("identity.agent_linked", agency, who=by, at=at)
    return agency


def link_representative(
    *, person: Person, represents: Sequence[tuple[str, str]], by: str, at: datetime
) -> list[Organisation]:
    """Let `person` act for the organisations (name, credit code) the city vouches he is the legal representative of.

    He acts by office, within every service; what the city no longer says of him ends (登记条例 第八条).
    """
    with transaction.atomic():
        found = [
            register_organisation(region=person.region, name=name, uscc=uscc, by=by, at=at) for name, uscc in represents
        ]
        for one in found:
            link_agent(
                principal=one,
                agent=person,
                document=f"营业执照 {one.uscc}",
                first=localdate(at),
                legal_representative=True,
                by=by,
                at=at,
            )
        gone = Agency.objects.filter(agent=person, legal_representative=True, linked_by=by, ended_at=None)
        for pk in gone.exclude(principal_organisation__in=found).values_list("pk", flat=True):
            end_agency(agency_id=pk, by=by, at=at)
    return found


def _check_agency(
    principal: Person | Organisation, agent: Person, document: str, first: date, last: date | None
) -> None:
    if principal == agent:
        raise Refused(
            "own_agent", "本人不能委托自己，请填写受托人。", en="Nobody is his own agent: name another person."
        )
    if not document:
        raise Refused(
            "agency_unwritten", "委托须有书面文件，请填写委托书编号。", en="An agency must be written: give its number."
        )
    if last is not None and last < first:
        raise Refused(
            "agency_backwards",
            "委托的截止日期早于起始日期，请核对。",
            en="The agency ends before it begins: check both days.",
        )


def end_agency(*, agency_id: int, by: str, at: datetime) -> None:
    """End an agency now; ending it twice changes nothing. The agent's past acts stay as they are."""
    with transaction.atomic():
        agency = Agency.objects.select_for_update().get(pk=agency_id)
        if agency.ended_at is None:
            agency.ended_at, agency.ended_by = at, by
            agency.save(update_fields=["ended_at", "ended_by"])
            _about_agency("identity.agency_ended", agency, who=by, at=at)


def note_agent_act(*, agency_id: int, action: str, about: str, by: str, at: datetime) -> None:
    """Record an act under an agency where its principal sees it: P-5, in the transaction of the act itself."""
    agency = Agency.objects.get(pk=agency_id)
    _about_agency(action, agency, who=by, at=at, thing=about)


def _about_agency(action: str, agency: Agency, *, who: str, at: datetime, thing: str = "") -> None:
    organisation = agency.principal_organisation_id
    principal = f"organisation:{organisation}" if organisation else f"person:{agency.principal_person_id}"
    detail = {"agency": agency.pk, "agent": f"person:{agency.agent_id}"} | ({"thing": thing} if thing else {})
    audit.record(action, who=who, about=principal, at=at, region=agency.region, detail=detail)


# --- roles ---


def grant(
    *,
    user_id: int,
    role: str,
    region: str,
    unit: str = "",
    area: str = "",
    service: str = "",
    since: datetime | None = None,
    before: datetime | None = None,
    by: Actor,
    at: datetime,
) -> RoleGrant:
    """Give a role to a staff or machine account; one that needs a second person waits for `approve_grant`.

    Giving an open grant again returns it as it is. Raises Refused.
    """
    _check_may_grant(by, role, unit=unit, user_id=user_id)
    since = since or at
    _check_grant(role, unit, since, before, at)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user_id)
        if user.kind == rules.AccountKind.CITIZEN:
            raise Refused(
                "citizen_account",
                "个人账号不能担任工作角色，请使用工作账号。",
                en="A citizen's account cannot hold a staff role.",
            )
        given, made = RoleGrant.objects.get_or_create(
            region=region,
            user=user,
            role=role,
            unit=unit,
            area=area,
            service=service,
            closed_at=None,
            defaults={
                "since": since,
                "before": before,
                "granted_by": by.ref,
                "granted_at": at,
                "in_force": not rules.role(role).needs_second,
            },
        )
        if made:
            _about_grant("identity.role_granted" if given.in_force else "identity.role_asked", given, who=by.ref, at=at)
    return given


def _check_grant(role: str, unit: str, since: datetime, before: datetime | None, at: datetime) -> None:
    if rules.role(role).needs_unit and not unit:
        raise Refused(
            "grant_without_unit", "这个角色须指定单位，请先选择单位。", en="This role needs a unit: choose one."
        )
    if before is not None and before <= max(since, at):
        raise Refused(
            "grant_already_over",
            "授权的结束时间已过或早于开始时间，请核对。",
            en="The grant would be over before it begins.",
        )


def approve_grant(*, grant_id: int, by: Actor, at: datetime) -> RoleGrant:
    """Confirm, as a second person, a grant that moves clocks, fees or accounts (P-2). Raises Refused."""
    with transaction.atomic():
        given = RoleGrant.objects.select_for_update().get(pk=grant_id)
        _check_may_grant(by, given.role, unit=given.unit, user_id=given.user_id)
        if given.closed_at is not None:
            raise Refused(
                "grant_closed", "这项授权已经撤销，请重新发起。", en="This grant was withdrawn: ask for it again."
            )
        if given.granted_by == by.ref:
            raise Refused(
                "second_person_needed",
                "这项授权须由另一人确认，请联系另一位管理员。",
                en="A second person must confirm this grant.",
            )
        if not given.in_force:
            given.second_by, given.in_force = by.ref, True
            given.save(update_fields=["second_by", "in_force"])
            _about_grant("identity.role_granted", given, who=by.ref, at=at)
    return given


def revoke(*, grant_id: int, by: Actor, at: datetime) -> None:
    """Take a role back, or turn down one that waits; from the next request on it is gone. Twice changes nothing."""
    with transaction.atomic():
        given = RoleGrant.objects.select_for_update().get(pk=grant_id)
        _check_may_grant(by, given.role, unit=given.unit)
        if given.closed_at is None:
            _close(given, "identity.role_revoked", who=by.ref, at=at)


def expire_grants(*, at: datetime) -> int:
    """Close the grants whose time is over and return how many; they have had no force since `before` anyway."""
    with transaction.atomic():
        over = RoleGrant.objects.select_for_update(skip_locked=True).filter(closed_at=None, before__lte=at)
        return sum(_close(given, "identity.role_expired", who=rules.PLATFORM, at=at) for given in over)


def appoint_first_operators(*, first_id: int, second_id: int, region: str, at: datetime) -> None:
    """Make two accounts the first operators of a new city. Raises Refused when there are any: operators appoint operators."""
    if first_id == second_id:
        raise Refused("second_person_needed", "须有两个不同的运维账号。", en="Two different accounts are needed.")
    with transaction.atomic():
        if RoleGrant.objects.filter(role="operator", closed_at=None).exists():
            raise Refused(
                "operators_exist",
                "平台已有运维人员，新的运维授权请由他们办理。",
                en="There are operators already: ask them.",
            )
        for user_id, other in ((first_id, second_id), (second_id, first_id)):
            given = RoleGrant.objects.create(
                region=region, user_id=user_id, role="operator", since=at, in_force=True,
                granted_by=rules.PLATFORM, granted_at=at, second_by=f"staff:{other}",
            )  # fmt: skip
            _about_grant("identity.role_granted", given, who=rules.PLATFORM, at=at)


def _check_may_grant(by: Actor, role: str, *, unit: str, user_id: int | None = None) -> None:
    if role not in rules.ROLES:
        raise Refused("no_such_role", "没有这个角色，请从列表中选择。", en="There is no such role.", status=422)
    if not rules.may_grant(by, role, unit=unit):
        raise Refused(
            "may_not_grant",
            "您没有权限办理这项授权，请联系平台运维。",
            en="You may not give or take this role.",
            status=403,
        )
    if user_id is not None and by.user_id == user_id:
        raise Refused(
            "own_grant", "不能给自己授权，请由另一人办理。", en="Nobody grants a role to himself.", status=403
        )


def _close(given: RoleGrant, action: str, *, who: str, at: datetime) -> int:
    given.closed_at, given.closed_by = at, who
    given.save(update_fields=["closed_at", "closed_by"])
    _about_grant(action, given, who=who, at=at)
    return 1


def _about_grant(action: str, given: RoleGrant, *, who: str, at: datetime) -> None:
    scope = {name: value for name in ("unit", "area", "service") if (value := getattr(given, name))}
    audit.record(
        action,
        who=who,
        about=f"staff:{given.user_id}",
        at=at,
        region=given.region,
        detail={"grant": given.pk, "role": given.role, **scope},
    )


# --- accounts ---


def open_staff_account(
    *,
    username: str,
    name: str,
    region: str,
    unit: str = "",
    title: str = "",
    password: str = "",
    by: Actor,
    at: datetime,
) -> User:
    """Open a staff account; without a password it can only be entered after one is set. Raises Refused."""
    _check_keeps_accounts(by)
    if password:
        check_password_strength(password)
    with transaction.atomic():
        if User.objects.filter(username=username).exists():
            raise _taken()
        user = User.objects.create(
            username=username,
            password=make_password(password or None),
            display_name=normalise_name(name),
            unit=unit,
            title=title,
            date_joined=at,
        )
        audit.record("identity.account_opened", who=by.ref, about=f"staff:{user.pk}", at=at, region=region)
    return user


def open_machine_account(*, username: str, name: str, region: str, by: Actor, at: datetime) -> User:
    """Open the account of another organisation's system (P-7): nobody signs in with it, its requests are signed. Raises Refused."""
    _check_keeps_accounts(by)
    with transaction.atomic():
        if User.objects.filter(username=username).exists():
            raise _taken()
        user = User.objects.create(
            username=username,
            password=make_password(None),
            kind=rules.AccountKind.MACHINE,
            display_name=normalise_name(name),
            date_joined=at,
        )
        audit.record("identity.account_opened", who=by.ref, about=f"machine:{user.pk}", at=at, region=region)
    return user


def _taken() -> Refused:
    return Refused("username_taken", "这个用户名已被使用，请换一个。", en="This user name is taken: choose another.")


def set_account_active(*, user_id: int, active: bool, region: str, by: Actor, at: datetime) -> None:
    """Close an account to its holder, or open it again; its sessions end with the next request. Raises Refused."""
    _check_keeps_accounts(by)
    if by.user_id == user_id:
        raise Refused(
            "own_account", "不能停用自己的账号，请由另一人办理。", en="Ask another operator to do it.", status=403
        )
    with transaction.atomic():
        changed = User.objects.filter(pk=user_id, is_active=not active).update(is_active=active)
        if changed:
            action = "identity.account_reopened" if active else "identity.account_closed"
            audit.record(action, who=by.ref, about=f"staff:{user_id}", at=at, region=region)


def _check_keeps_accounts(by: Actor) -> None:
    if by.ref != rules.PLATFORM and not by.has("operator"):
        raise Refused(
            "may_not_keep_accounts",
            "账号由平台运维管理，请联系他们。",
            en="Operators keep accounts: ask them.",
            status=403,
        )


def check_password_strength(password: str) -> None:
    """Raise Refused when a password is too short or too common."""
    try:
        validate_password(password)
    except ValidationError:
        raise Refused(
            "weak_password",
            "密码至少10位且不能是常用密码，请换一个。",
            en="At least 10 characters, and not a common one.",
            status=422,
        ) from None


def citizen_account(*, person: Person, at: datetime) -> User:
    """Return the account of `person`, opened when he signs in for the first time; it has no password."""
    user, _ = User.objects.get_or_create(
        person=person,
        defaults={
            "username": f"citizen-{person.pk}",
            "kind": rules.AccountKind.CITIZEN.value,
            "password": make_password(None),
            "date_joined": at,
        },
    )
    return user


# --- consent ---


def give_consent(*, person: Person, purpose: str, text_version: str, by: str, at: datetime) -> Consent:
    """Record consent to one purpose; consent already given to these words stays as it is."""
    with transaction.atomic():
        Consent.objects.select_for_update().filter(person=person, purpose=purpose, withdrawn_at=None).filter(
            ~Q(text_version=text_version)
        ).update(withdrawn_at=at)
        consent, made = Consent.objects.get_or_create(
            region=person.region,
            person=person,
            purpose=purpose,
            withdrawn_at=None,
            defaults={"text_version": text_version, "given_at": at},
        )
        if made:
            _about_consent("identity.consent_given", consent, who=by, at=at)
    return consent


def withdraw_consent(*, person: Person, purpose: str, by: str, at: datetime) -> None:
    """Take consent back, at once and without reasons (个人信息保护法 第十五条); who kept something for it hears of it. Twice changes
    nothing."""
    with transaction.atomic():
        for consent in Consent.objects.select_for_update().filter(person=person, purpose=purpose, withdrawn_at=None):
            consent.withdrawn_at = at
            consent.save(update_fields=["withdrawn_at"])
            _about_consent("identity.consent_withdrawn", consent, who=by, at=at)
            holder = bytes(person.citizen_id_hash)
            facts.consent_withdrawn.fire(facts.Withdrawn(person.region, str(person), holder, purpose, by, at))


def _about_consent(action: str, consent: Consent, *, who: str, at: datetime) -> None:
    audit.record(
        action,
        who=who,
        about=f"person:{consent.person_id}",
        at=at,
        region=consent.region,
        detail={"purpose": consent.purpose, "text_version": consent.text_version},
    )


# --- proof of identity ---


def prove_identity(*, person: Person, method: str, document: str = "", by: str, at: datetime) -> None:
    """Record how a person's identity was proven (R-ID-4); proven in the same way before, nothing changes.

    Raises Refused("proof_unwritten") for a notarised one without its deed.
    """
    if method == "notarised" and not document.strip():
        raise Refused(
            "proof_unwritten",
            "公证的身份证明须填写公证书编号，没有记录。",
            en="Give the number of the notarial deed; nothing was recorded.",
            law="市场主体登记管理条例实施细则 第十六条",
            status=422,
        )
    with transaction.atomic():
        _, made = IdentityProof.objects.get_or_create(
            region=person.region,
            person=person,
            method=method,
            defaults={"document": document.strip(), "by": by, "at": at},
        )
        if made:
            audit.record(
                "identity.proven", who=by, about=str(person), at=at, region=person.region, detail={"method": method}
            )


# --- unmasking ---


def reveal(
    blob: bytes, *, kind: str, by: Actor, about: str, why: str, at: datetime, region: str = audit.PLATFORM
) -> str:
    """Return what `blob` holds, and record who looked, at what, for what reason. The caller checks the open task (P-3).

    A person sees his own values; of staff only roles that handle cases, never an administrator (P-10). Raises Refused.
    """
    if by.person_id is None and not rules.may_open(by):
        raise Refused(
            "may_not_open",
            "您的角色不能查看完整号码，页面只显示掩码。",
            en="Your role may not see unmasked values.",
            status=403,
        )
    if not why.strip():
        raise Refused(
            "reason_needed",
            "查看完整号码须写明理由，请填写后再试。",
            en="State why you need the whole value.",
            status=422,
        )
    text = open_sealed(blob, kind=kind)
    audit.record("identity.revealed", who=by.ref, about=about, at=at, region=region, detail={"kind": kind, "why": why})
    return text
