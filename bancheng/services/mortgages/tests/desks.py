"""What tests of the bank's desk share: a bank's two, an owner with a home in the book, and the registry's three."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents.testing import pdf
from bancheng.kernel.identity import testing as people
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing as offices
from bancheng.kernel.titles import public as titles
from bancheng.services.mortgages.models import Filing
from bancheng.services.mortgages.tests.towns import REGISTRY, Town

WHERE = "/mortgages/filings/"
PARCEL = "411025099001GB00077"  # of no sample estate
HOME = f"{PARCEL}F00010001"


@dataclass
class Desk:
    """A bank's two, an owner with a home in the book, and the registry's three."""

    town: Town
    office: offices.Office
    clerk: Any
    approver: Any

    def form(self, **over: Any) -> dict[str, Any]:
        """Return what a clerk types for a mortgage of the owner's home."""
        version = titles.parcel("411000", PARCEL).version
        last = (clocks.today() + timedelta(days=7000)).isoformat()
        typed = {
            "kind": "mortgage.set", "lot": HOME, "loan_no": "借2026-001", "principal": "600000.00", "first": clocks.today().isoformat(),
            "last": last, "rate": "LPR加20基点", "area": "100.10", "location": "襄城县样例路1号", "scope": "主债权及利息",
            "role1": "mortgagor", "name1": "王芳", "number1": self.office.owner_id, "no_conditions": "yes",
            "version": version,
        }  # fmt: skip
        return typed | over

    def draft(self, **over: Any) -> Filing:
        """Return a filing that was prepared, its papers enclosed."""
        answer = self.clerk.post(f"{WHERE}new/", self.form(**over))
        assert answer.status_code == 302, answer.content.decode()
        made = Filing.objects.order_by("-prepared_at")[0]
        for material in registrations.kind(made.kind).papers:
            sent = {
                "material": material,
                "file": SimpleUploadedFile(f"{material}.pdf", pdf(3, text=f"{material}{made.pk}")),
            }
            assert self.clerk.post(f"{WHERE}{made.pk}/enclose/", sent).status_code == 302
        return made

    def filed(self, **over: Any) -> Filing:
        """Return a filing that an approver filed."""
        made = self.draft(**over)
        answer = self.approver.post(f"{WHERE}{made.pk}/submit/")
        assert answer.status_code == 302, answer.content.decode()
        made.refresh_from_db()
        return made

    def recorded(self, **over: Any) -> Filing:
        """Return a filing that went all the way."""
        made = self.filed(**over)
        assert made.application
        now = clocks.now()
        if registrations.view(made.application).waiting_for:
            registrations.consent(application_id=made.application, by=self.office.owner, channel="app", at=now)
        record(self.office, made.application)
        return made


def record(office: offices.Office, application: UUID) -> None:
    """Accept, review, book and certify, by three officers."""
    now = clocks.now()
    registrations.accept(application_id=application, by=office.acceptor, at=now)
    registrations.review(application_id=application, by=office.reviewer, at=now)
    registrations.book(application_id=application, by=office.booker, at=now)
    registrations.certify(region="411000", registry=REGISTRY, at=now)


def desk_of(town: Town) -> Desk:
    """Return the desk of the town's first bank, the owner's home laid out."""
    owner = people.citizen("王芳", serial=71)
    offices.laid_out(owner=titles.person("王芳", people.citizen_id(71)), parcel=PARCEL)
    three = [town.actor(f"registry_{role}", REGISTRY) for role in ("acceptor", "reviewer", "booker")]
    banker = town.actor("bank_approver")
    office = offices.Office(*three, banker, owner, people.actor(owner, at=clocks.now()), people.citizen_id(71))
    return Desk(town, office, town.client("bank_clerk"), town.client("bank_approver"))
