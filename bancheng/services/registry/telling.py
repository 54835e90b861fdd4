"""Who is told what of a registration: whoever is named in it, before anything is recorded; the bank's system hears by its own channel.

What happened promises a job in its transaction, and the job tells: no registration waits for a message.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings

from bancheng.kernel.catalogue import public as catalogue
from bancheng.kernel.identity import public as identity
from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.notices import public as notices
from bancheng.kernel.registrations import public as registrations
from bancheng.lib.text import Text

SERVICE, BANKER = "registry", "bank_approver"
What = registrations.What
KINDS: Mapping[registrations.What, str] = {
    What.FILED: "asked",
    What.ACCEPTED: "filed",
    What.CORRECTION_REQUIRED: "corrections",
    What.OBJECTED: "stopped",
    What.SUSPENDED: "stopped",
    What.NOT_ACCEPTED: "turned_down",
    What.REFUSED: "turned_down",
    What.RECORDED: "recorded",
    What.CERTIFIED: "certified",
    What.LATE: "late",
}
LIMITS = {"statutory": Text("法定时限", "the time by law"), "promised": Text("承诺时限", "the promised time")}


def note(fact: registrations.Happened) -> None:
    """Promise to tell of what happened, where somebody has to be told."""
    if fact.what not in KINDS:
        return
    jobs.later(
        "registry.tell",
        key=f"registry-tell-{fact.what}-{fact.application}-{fact.at.isoformat()}",
        what=fact.what.value,
        application=str(fact.application),
        happened_at=fact.at.isoformat(),
        limit=str(fact.detail.get("limit", "")),
        cause=str(fact.detail.get("cause", "")),
        case_no=str(fact.detail.get("case_no", "")),
    )


def tell(fact: registrations.Happened) -> None:
    """Tell whoever has to be told; run again it adds nothing (N-4)."""
    found = registrations.brief(fact.application)
    if fact.what is What.LATE:
        return _staff(fact, found)
    if fact.what is What.FILED and found.state is not registrations.State.DRAFT:
        return None  # everybody had agreed by filing: the next message says that it was accepted
    if fact.what is What.FILED:
        _banks(fact, found)
    for holder in registrations.asked_hashes(fact.application):
        _accept(fact, found, notices.to_person(holder), key=holder.hex()[:16], link=f"mine/{found.id}/")
    return None


def _banks(fact: registrations.Happened, found: registrations.Brief) -> None:
    """Tell the approvers of each bank that is asked and did not file itself."""
    for unit in registrations.asked_units(fact.application):
        for account in identity.officers(unit=unit, role=BANKER, at=fact.at):
            _accept(fact, found, notices.to_staff(account), key=f"{unit}-{account}", link=f"asks/{found.id}/")


def _staff(fact: registrations.Happened, found: registrations.Brief) -> None:
    """Tell the registry's administrators and the supervisors that a case is late."""
    accounts = {*identity.officers(unit=found.registry, role="unit_admin", at=fact.at)}
    accounts |= {account for account, _ in identity.role_holders(role="supervisor", service=SERVICE, at=fact.at)}
    for account in sorted(accounts):
        _accept(fact, found, notices.to_staff(account), key=str(account), link=f"desk/{found.id}/")


def _accept(
    fact: registrations.Happened, found: registrations.Brief, to: notices.Recipient, *, key: str, link: str
) -> None:
    kind = KINDS[fact.what]
    notices.accept(
        kind=f"{SERVICE}.{kind}",
        region=found.region,
        key=f"{SERVICE}-{kind}-{fact.what}-{found.id}-{key}-{fact.at.isoformat()}",
        subject=f"registration:{found.id}",
        to=to,
        values=_values(fact, found) | {"link": f"{settings.SITE_URL}/registry/{link}"},
        at=fact.at,
    )


def _values(fact: registrations.Happened, found: registrations.Brief) -> dict[str, Any]:
    units = catalogue.units_by_code([code for code in (found.unit, found.registry) if code])
    filer, office = units.get(found.unit), units[found.registry]
    more = f"等{len(found.lots)}个" if len(found.lots) > 1 else ""
    stopped = _stopped(fact)
    outcome, limit = registrations.STATES[found.state], LIMITS.get(str(fact.detail.get("limit")), Text("", ""))
    return {
        "title": found.kind.name.zh,
        "title_en": found.kind.name.en,
        "filer": filer.name if filer else "有人",
        "filer_en": filer.name_en if filer else "Somebody",
        "office": office.name,
        "office_en": office.name_en,
        "number": found.number,
        "lot": f"{found.lots[0]}{more}",
        "reason": stopped.zh,
        "reason_en": stopped.en,
        "outcome": outcome.zh,
        "outcome_en": outcome.en,
        "limit": limit.zh,
        "limit_en": limit.en,
    }


def _stopped(fact: registrations.Happened) -> Text:
    cause = str(fact.detail.get("cause", ""))
    said = registrations.CAUSES[registrations.Cause(cause)] if cause else Text("", "")
    case = str(fact.detail.get("case_no", ""))
    return Text(f"{said.zh}，{case}", f"{said.en}, {case}") if case else said


def still_wanted(fact: notices.Check) -> set[str]:
    """Return the requests for consent that are not needed any more: everybody has agreed, or it is over (N-3)."""
    if fact.kind != f"{SERVICE}.asked":
        return set()
    found = {subject: registrations.brief(UUID(subject.partition(":")[2])) for subject in fact.subjects}
    return {subject for subject, one in found.items() if one.state is not registrations.State.DRAFT}
