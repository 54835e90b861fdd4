"""What becomes of all that an enterprise has when its registration is cancelled (R14.7), and that others lose nothing."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps

from bancheng.kernel.audit import public as audit
from bancheng.kernel.cases import public as cases
from bancheng.kernel.cases.public import Because, Outcome, State
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.kernel.licences import public as licences
from bancheng.lib.identifiers import make_uscc
from bancheng.services.onething import operations, queries
from bancheng.services.onething.tests.conftest import AT, REGION

TODAY = AT.astimezone(clocks.SHANGHAI).date()
CLOSING = {"customs_code": "", "simplified": True}


class Firm:
    """An enterprise with a licence, an application under way, a draft, two people who act for it, and its closing."""

    def __init__(self, serial: int) -> None:
        self.uscc = make_uscc("411002", serial)
        self.organisation = identity.register_organisation(
            region=REGION, name=f"许昌测试{serial}有限公司", uscc=self.uscc, by="test", at=AT
        )
        self.hash = bytes(self.organisation.uscc_hash)
        self.head, self.clerk = (people.citizen(name, serial=serial * 10 + n).person for n, name in enumerate("甲乙"))
        for person, office in ((self.head, True), (self.clerk, False)):
            identity.link_agent(
                principal=self.organisation,
                agent=person,
                document=f"{serial}-{office}",
                first=date(2026, 1, 1),
                legal_representative=office,
                by="test",
                at=AT,
            )
        self.licence = licences.issue(
            region=REGION,
            licence_type="food-business",
            number=f"JY2{serial:08}",
            holder_kind=licences.Kind.ORGANISATION,
            holder_hash=self.hash,
            holder_sealed=identity.seal(self.uscc, kind="uscc"),
            holder_name=self.organisation.name,
            issued_on=TODAY,
            valid_from=TODAY,
            valid_to=TODAY + timedelta(days=20),
            source=licences.Source("zone-market", licences.Channel.SYSTEM, "test"),
            by="test",
            at=AT,
        )
        self.moving = self.filed("move-in", {})
        self.closing = self.filed("close-business", CLOSING)
        self.actor = self.of(self.head)
        self.draft = operations.begin(
            bundle="change-information", subject=f"organisation:{self.organisation.pk}", by=self.actor, at=AT
        )

    def filed(self, flow: str, values: dict[str, Any]) -> UUID:
        applicant = cases.Applicant(
            "organisation", self.organisation.name, self.hash, identity.seal(self.uscc, kind="uscc"), "uscc"
        )
        return cases.file(
            region=REGION,
            service="onething",
            flow=flow,
            applicant=applicant,
            said=cases.Said(values),
            key=f"{flow}-{self.uscc}",
            by=f"person:{self.head.pk}",
            at=AT,
        ).id

    def decide(self, step: str) -> None:
        """Let the departments grant one matter of the closing."""
        view = cases.view(self.closing)
        assert view
        case_id = next(one.id for one in view.matters if one.step == step)
        cases.accept(case_id=case_id, by="staff:1", at=AT)
        for work in ("settle", "objections"):
            if any(one.code == work for one in view.of(case_id).flow.steps):  # type: ignore[union-attr]  # it is there
                cases.do(case_id=case_id, step=work, result="已核对", by="staff:1", at=AT)
        cases.decide(case_id=case_id, outcome=Outcome.GRANTED, because=Because(""), by="staff:2", at=AT)

    def cancelled(self) -> None:
        self.decide("tax-cancellation")
        self.decide("registration-cancellation")

    def has(self) -> dict[str, Any]:
        """Return everything the platform holds of the enterprise, in words."""
        (licence,) = licences.held_by([self.hash], on=TODAY)
        watch = apps.get_model("expiry", "Watch").objects.get(licence_id=self.licence)
        moving, closing = cases.view(self.moving), cases.view(self.closing)
        assert moving
        assert closing
        hashes = (self.hash,)
        task = apps.get_model("cases", "Task")
        return {
            "licence": licence.status,
            "alarm": watch.state,
            "moving": (moving.case.state, moving.matters[0].state),
            "closing": closing.case.state,
            "waiting": task.objects.filter(case__root_id=self.moving, state="open").count(),
            "clocks": len(clocks.open_clocks(region=REGION, abouts=[f"case:{moving.matters[0].id}"])),
            "drafts": len(forms.drafts(hashes)),
            "may apply": self.hash in [one.holder_hash for one in queries.subjects(self.actor, AT)],
            "may see": [self.hash in identity.person_hashes(self.of(one), AT) for one in (self.head, self.clerk)],
        }

    def of(self, person: identity.Person) -> identity.Actor:
        return identity.Actor(f"person:{person.pk}", person.name, person_id=str(person.pk))


@pytest.fixture
def firms(loaded_city: None) -> tuple[Firm, Firm]:
    return Firm(31), Firm(32)


ALIVE = {
    "licence": licences.Status.VALID,
    "alarm": "live",
    "moving": (State.HANDLING, State.SUBMITTED),
    "closing": State.HANDLING,
    "waiting": 1,
    "clocks": 1,
    "drafts": 1,
    "may apply": True,
    "may see": [True, True],
}


def test_what_an_enterprise_has_ends_with_its_registration_and_anothers_stays(firms: tuple[Firm, Firm]) -> None:
    """R14.7: licences, alarm, cases, drafts and written powers end; its closing goes on, and its head may see to what is left."""
    gone, other = firms
    assert (gone.has(), other.has()) == (ALIVE, ALIVE)
    gone.cancelled()
    assert gone.has() == {
        "licence": licences.Status.CANCELLED,
        "alarm": "deregistered",
        "moving": (State.TERMINATED, State.TERMINATED),
        "closing": State.HANDLING,
        "waiting": 0,
        "clocks": 0,
        "drafts": 0,
        "may apply": False,
        "may see": [True, False],
    }
    assert other.has() == ALIVE


def test_a_cancellation_says_why_a_case_ended_and_what_can_be_done(firms: tuple[Firm, Firm]) -> None:
    """R14.7: every end carries reason, article and remedy, and the licence says on whose word."""
    gone, _ = firms
    gone.cancelled()
    view = cases.view(gone.moving)
    assert view
    (end,) = (line for line in view.case.lines if line.act is cases.Act.TERMINATED)
    assert all((end.reason, end.law, end.remedy))
    cancelled = audit.timeline(f"licence:{gone.licence}")[-1]
    closing = cases.view(gone.closing)
    assert closing
    matter = next(one for one in closing.matters if one.step == "registration-cancellation")
    assert (cancelled.action, cancelled.detail["unit"], cancelled.detail["ref"]) == (
        "licences.cancelled",
        "zone-market",
        matter.number,
    )


def test_the_other_matters_of_the_closing_go_on(firms: tuple[Firm, Firm]) -> None:
    """F14.5: seal, insurance, fund and account follow the registration; the one who sent it in can see them."""
    gone, _ = firms
    gone.cancelled()
    found = cases.view(gone.closing)
    assert found
    registration = next(one.id for one in found.matters if one.step == "registration-cancellation")
    cases.serve(case_id=registration, how="counter", by="staff:1", at=AT)
    view = queries.my_case(gone.actor, gone.closing, AT)
    assert {one.step for one in view.matters if not one.over} >= {"seal-cancellation", "social-insurance-cancellation"}


def test_a_refusal_ends_nothing(firms: tuple[Firm, Firm]) -> None:
    gone, _ = firms
    gone.decide("tax-cancellation")
    view = cases.view(gone.closing)
    assert view
    case_id = next(one.id for one in view.matters if one.step == "registration-cancellation")
    cases.accept(case_id=case_id, by="staff:1", at=AT)
    cases.do(case_id=case_id, step="objections", result="有债权人异议", by="staff:1", at=AT)
    cases.decide(
        case_id=case_id,
        outcome=Outcome.DENIED,
        because=Because("公告期内有异议", "市场主体登记管理条例 第三十三条", "可改办普通注销"),
        by="staff:2",
        at=AT,
    )
    assert gone.has() == ALIVE


def test_closing_twice_changes_nothing(firms: tuple[Firm, Firm]) -> None:
    """R14.7: idempotent."""
    gone, _ = firms
    gone.cancelled()
    before, told = gone.has(), len(audit.timeline(f"licence:{gone.licence}"))
    again = identity.close_organisation(region=REGION, holder_hash=gone.hash, document="x", by="test", at=AT)
    assert not again
    assert (gone.has(), len(audit.timeline(f"licence:{gone.licence}"))) == (before, told)


def test_one_who_was_never_registered_here_is_told_of_all_the_same(loaded_city: None) -> None:
    """R14.7: licences of a ledger have a holder and no organisation."""
    firm = Firm(33)
    stranger = identity.find_hash(make_uscc("411002", 34), kind="uscc")
    assert identity.close_organisation(region=REGION, holder_hash=stranger, document="x", by="test", at=AT)
    assert firm.has() == ALIVE
