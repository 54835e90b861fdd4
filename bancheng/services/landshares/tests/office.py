"""The land desk in the tests of this service: a parcel, and everybody who takes part, each in a browser of his own."""

import copy
import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents.testing import pdf
from bancheng.kernel.identity import testing as people
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing
from bancheng.kernel.titles import public as titles
from bancheng.services.landshares.tests.conftest import Desk

REGION, COUNTY = "411000", "xiangcheng-registry"
PARCEL = "411025001009GB00091"
ONE, TWO = f"{PARCEL}F00010001", f"{PARCEL}F00010002"
LAND = {
    "parcel": PARCEL,
    "area": "1000.00",
    "use": "城镇住宅用地",
    "term_until": "2090-12-31",
    "origin": "new",
    "permit": "250.00",
    "developer_name": "样例置业有限公司",
    "developer_uscc": testing.DEVELOPER_USCC,
}
SOLD = {"contract_no": "YS-9-1", "permit": "许房预字9号", "buyer_name": "王芳", "buyer_id": people.citizen_id(71)}
SURVEY = f"unit,area,category\n{ONE},100.00,saleable\n{TWO},150.00,saleable\ntotal,250.00,\n"
STEP = re.compile(r'bc-tasks-what">(?:<a [^>]*>)?([^<]+)<.*?>(已完成|未开始|暂不能开始)<')
State = registrations.State
Signed = tuple[str, str, bool]


class Office:
    """Everybody who takes part, each in a browser of his own."""

    def __init__(self, desk: Desk) -> None:
        self.parcel = PARCEL
        self.counter = desk("registry_acceptor", COUNTY)
        self.three = [desk(role, COUNTY) for role in ("registry_acceptor", "registry_reviewer", "registry_booker")]
        self.developer = people.client_for(get_user_model().objects.get(pk=testing.developer().user_id))
        self.buyer = people.client_for(people.citizen("王芳", serial=71))
        self.bank = people.client_for(people.staff("bank_approver", unit=testing.BANK))
        self.other_bank = people.client_for(people.staff("bank_approver", unit=testing.OTHER_BANK))

    def at(self, parcel: str) -> "Office":
        """Return the same people at another parcel."""
        found = copy.copy(self)
        found.parcel = parcel
        return found

    def send(self, kind: str, *, more: Sequence[str] = (), signed: Sequence[Signed] = (), **said: str) -> Any:
        """Send a form with all papers it has to have, `more` of those it may have, and consents on paper: right, day, whether scanned."""
        papers = {
            code: SimpleUploadedFile(f"{code}.pdf", pdf(text=f"{kind} {code}"))
            for code in (*registrations.kind(kind).papers, *more)
        }
        for n, (right, dated, scanned) in enumerate(signed, 1):
            said |= {f"consent_{n}": right, f"consent_{n}_on": dated}
            if scanned:
                papers[f"consent_{n}_scan"] = SimpleUploadedFile(f"同意书{n}.pdf", pdf(text=f"{right} {n}"))
        where = "new/" if kind == "land.first" else f"{self.parcel}/hand-in/{kind}/"
        assert self.counter.get(f"/landshares/parcels/{where}").status_code == 200
        return self.counter.post(f"/landshares/parcels/{where}", {**said, **papers})

    def filed(self, kind: str, **said: Any) -> UUID:
        answer = self.send(kind, **said)
        assert answer.status_code == 302, answer.content.decode()
        return self.last(kind)

    def last(self, kind: str) -> UUID:
        known = titles.lots(REGION, self.parcel) if titles.find(REGION, self.parcel) else []
        lots = [titles.land(self.parcel), *(lot.code for lot in known)]
        return next(one.id for one in registrations.of_lots(lots, region=REGION) if one.kind.code == kind)

    def agree(self, made: UUID, *who: Client) -> None:
        for one in who:
            assert one.post(f"/registry/mine/{made}/consent/", {"agree": "yes"}).status_code == 302

    def record(self, made: UUID) -> None:
        for client, act in zip(self.three, ("accept", "review", "book"), strict=True):
            answer = client.post(f"/registry/desk/{made}/{act}/")
            assert answer.status_code == 302, answer.content.decode()
        assert registrations.brief(made).state is State.RECORDED

    def survey(self, stage: str, building: str = "1", content: str = SURVEY) -> None:
        said = {"building": building, "stage": stage, "content": content, "explanation": ""}
        assert self.counter.post(f"/landshares/parcels/{self.parcel}/survey/hand-in/", said).status_code == 302
        self.record(self.last("plan.survey"))

    def opened(self, **other: str) -> None:
        self.record(self.filed("land.first", **LAND | {"parcel": self.parcel} | other))

    def divided(self) -> None:
        self.opened()
        self.survey("predicted")
        self.record(self.filed("plan.quantify", approval="许规总平9号"))

    def mortgaged(self, *lots: str) -> None:
        """Let a bank have a mortgage of the developer's in the book."""
        said = {"region": REGION, "key": "m9", "registration": "M9", "by": "test", "at": clocks.now()}
        bank = titles.unit_party(titles.PartyKind.BANK, testing.BANK, "中国银行襄城支行")
        titles.register_mortgage(lots=list(lots), bank=bank, number="M9", amount_fen=100, **said)  # type: ignore[arg-type]

    def steps(self) -> list[tuple[str, str]]:
        """Return the steps of the parcel as its page shows them: what, and how it stands."""
        page = self.counter.get(f"/landshares/parcels/{self.parcel}/steps/").content.decode()
        return STEP.findall(page)

    def done(self) -> list[str]:
        """Return the steps that its page shows as done; they are the first ones, or the list is out of order."""
        states = [state for _, state in self.steps()]
        count = states.count("已完成")
        assert states == ["已完成"] * count + ["未开始"] * (count < len(states)) + ["暂不能开始"] * (
            len(states) - count - 1
        )
        return [words for words, state in self.steps() if state == "已完成"]

    def certificates(self, made: UUID) -> list[registrations.CertificateView]:
        registrations.certify(region=REGION, registry=COUNTY, at=clocks.now())
        return list(registrations.certificates_of([made]))
