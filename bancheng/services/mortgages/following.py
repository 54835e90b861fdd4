"""What follows from what the office tells: an application is tracked, the bank hears of it, and its recording owes a bundle."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from bancheng.kernel.jobs import public as jobs
from bancheng.kernel.registrations import public as registrations
from bancheng.lib.text import Text
from bancheng.services.mortgages import doors, telling
from bancheng.services.mortgages.models import Enclosed, Filing, Tracked
from bancheng.services.mortgages.operations import custody

What = registrations.What

# what happened -> the column that keeps when; an end has one of its own
TIMES: Mapping[registrations.What, str] = {
    What.SUBMITTED: "submitted_at",
    What.ACCEPTED: "accepted_at",
    What.RECORDED: "recorded_at",
    What.CERTIFIED: "certified_at",
    What.NOT_ACCEPTED: "ended_at",
    What.REFUSED: "ended_at",
    What.WITHDRAWN: "ended_at",
    What.DECLINED: "ended_at",
}
TOLD: Mapping[registrations.What, Text] = {
    What.CORRECTION_REQUIRED: Text(
        "登记机构要求补正，请一次补齐", "the registry asks for corrections; send them all at once"
    ),
    What.DECLINED: Text("当事人不同意，申报结束", "somebody named does not agree; it is over"),
    What.OBJECTED: Text("当事人提出异议，已中止", "somebody named objects; it is suspended"),
    What.NOT_ACCEPTED: Text("登记机构不予受理", "the registry did not accept it"),
    What.REFUSED: Text("登记机构不予登记", "the registry refused it"),
    What.RECORDED: Text("已登簿", "recorded"),
    What.CERTIFIED: Text("电子证明已送达，可以下载", "the proof has arrived and can be downloaded"),
}


def note(fact: registrations.Happened) -> None:
    """Track what happened to an application of a mortgage; promise to tell and to open its bundle."""
    if not fact.kind.startswith("mortgage."):
        return
    _track(fact)
    for unit in _told(fact):
        jobs.later(
            "mortgages.tell_bank", key=f"mortgages-{fact.what}-{fact.application}-{fact.at.isoformat()}-{unit}", what=fact.what.value,
            application=str(fact.application), number=fact.number, region=fact.region, unit=unit,
            happened_at=fact.at.isoformat(),
        )  # fmt: skip
    if fact.unit and fact.what is What.RECORDED:
        jobs.later(
            "mortgages.open_bundle", key=f"mortgages-bundle-{fact.application}", application=str(fact.application)
        )


def _told(fact: registrations.Happened) -> list[str]:
    """Return the banks whose people hear of it: who filed; of a proof whose it is, which after a transfer of the claim is another."""
    if fact.what is What.CERTIFIED:
        return sorted({one.unit for one in registrations.certificates_of([fact.application]) if one.unit})
    return [fact.unit] if fact.unit and fact.what in TOLD else []


def _track(fact: registrations.Happened) -> None:
    if fact.what is What.FILED:
        made = Tracked(
            region=fact.region, application=fact.application, registry=fact.registry, bank=fact.unit, number=fact.number,
            kind=fact.kind, channel=fact.detail["channel"], lot=fact.lots[0] if fact.lots else "",
            with_loan=bool(fact.detail["loan_no"]), state=registrations.State.DRAFT, filed_at=fact.at,
        )  # fmt: skip
        Tracked.objects.bulk_create([made], ignore_conflicts=True)
        return
    changed: dict[str, Any] = {"state": STATES.get(fact.what, "")} if fact.what in STATES else {}
    if column := TIMES.get(fact.what):
        changed[column] = fact.at
    if fact.what is What.CORRECTION_REQUIRED:
        changed["corrections"] = F("corrections") + 1
    if changed:
        Tracked.objects.filter(region=fact.region, application=fact.application).update(**changed)


STATES: Mapping[registrations.What, registrations.State] = {
    What.SUBMITTED: registrations.State.SUBMITTED,
    What.ACCEPTED: registrations.State.ACCEPTED,
    What.CORRECTION_REQUIRED: registrations.State.CORRECTION,
    What.NOT_ACCEPTED: registrations.State.NOT_ACCEPTED,
    What.SUSPENDED: registrations.State.SUSPENDED,
    What.OBJECTED: registrations.State.SUSPENDED,
    What.REVIEWED: registrations.State.REVIEWED,
    What.REFUSED: registrations.State.REFUSED,
    What.WITHDRAWN: registrations.State.WITHDRAWN,
    What.DECLINED: registrations.State.WITHDRAWN,
    What.RECORDED: registrations.State.RECORDED,
    What.CERTIFIED: registrations.State.CERTIFIED,
    What.DELIVERED: registrations.State.DELIVERED,
}


def tell_bank(*, what: str, application: str, number: str, region: str, unit: str, happened_at: str) -> None:
    """Tell the bank's people how its filing stands; run again it tells nobody twice."""
    filing = Filing.objects.filter(application=UUID(application), bank=unit).first()
    elsewhere = "filings/held/" if what == What.CERTIFIED else "filings/"
    at = datetime.fromisoformat(happened_at)
    telling.staff(
        "desk", region=region, key=f"{what}-{application}-{happened_at}", subject=f"registration:{application}", unit=unit,
        roles=(doors.CLERK, doors.APPROVER), link=f"filings/{filing.pk}/" if filing else elsewhere, at=at, number=number,
        what=TOLD[What(what)],
    )  # fmt: skip


def open_bundle(*, application: str, at: datetime) -> None:
    """Open the bundle that a recording owes, its list made from the papers that were filed with it (R13.7)."""
    found = registrations.view(UUID(application))
    if found.brief.recorded_at is None:
        return
    ours = {one.use: f"filing:{one.filing_id}" for one in Enclosed.objects.filter(filing__application=found.id)}
    proofs = [one.number for one in found.certificates]
    custody.open_bundle(
        recorded=custody.Recorded(
            found.brief.region, found.brief.registry, found.brief.unit, f"registration:{found.id}", found.brief.number,
            proofs[0] if proofs else "", found.brief.kind.code, _title(found), found.brief.recorded_at,
        ),
        scans=[
            custody.Scan(
                registrations.material(one.material).zh, one.pages, one.use if one.use in ours else None, one.digest,
                ours.get(one.use, "") if one.use else "",
            )
            for one in found.papers
        ],
        at=at,
    )  # fmt: skip


def _title(found: registrations.View) -> str:
    said = str(found.payload.get("location", ""))
    return (said or "、".join(found.brief.lots[:2]))[:200]
