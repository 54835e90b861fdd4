"""A town for benches over HTTP: applicants with a form filled in and three papers, officers at their desks, and a plain browser."""

import http.client
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.test import Client
from django.utils.crypto import get_random_string

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.documents.testing import pdf
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity import testing as people
from bancheng.lib import identifiers
from bancheng.pack.loader import load_city
from bancheng.services.onething import attaching, operations, papers, queries
from bancheng.services.onething.rules import Way
from bancheng.sim import answers
from bancheng.site.verbs.load import sections

BUNDLE = "open-restaurant"
FOREVER = date(2020, 1, 1)


def founded() -> None:
    """Load the reference city."""
    load_city(Path(settings.PACK), by="staff:bench", at=clocks.now(), sections=sections())


class Browser:
    """Somebody signed in, on one kept connection, who follows no redirect."""

    def __init__(self, address: str, client: Client) -> None:
        self.door = http.client.HTTPConnection(address, timeout=60)
        self.token = get_random_string(32)
        self.cookie = cookie_of(client, self.token)

    def get(self, path: str) -> int:
        """Ask for a page and read it whole; return the status."""
        self.door.request("GET", path, headers={"Cookie": self.cookie})
        return self._read()[0]

    def post(self, path: str, **values: object) -> tuple[int, str]:
        """Send a form; return the status and where it leads."""
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie}
        self.door.request("POST", path, urlencode({**values, "csrfmiddlewaretoken": self.token}), kind)
        return self._read()

    def _read(self) -> tuple[int, str]:
        answer = self.door.getresponse()
        answer.read()
        return answer.status, answer.headers.get("Location", "")


def cookie_of(client: Client, token: str) -> str:
    """Return the cookies of who is signed in, with a token for forms."""
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}"


@dataclass(frozen=True)
class Ready:
    """An application that needs only to be sent."""

    client: Client
    draft: UUID
    seen: int

    @property
    def path(self) -> str:
        """Return where it is sent."""
        return f"/onething/drafts/{self.draft}/check/"


def ready(number: int) -> Ready:
    """Return the application of another enterprise for a restaurant with a sign, every answer given, three papers uploaded."""
    at, user = (
        clocks.now(),
        people.citizen(f"申请人{number}", serial=number % 1000, born=date(1960 + number // 1000, 1, 1)),
    )
    uscc, agent = identifiers.make_uscc("411002", 20_000_000 + number), user.person
    assert agent
    name = f"许昌市样例{number}餐饮有限公司"
    shop = identity.register_organisation(region=settings.REGION, name=name, uscc=uscc, by="bench", at=at)
    identity.link_agent(
        principal=shop, agent=agent, document=uscc, first=FOREVER, legal_representative=True, by="bench", at=at
    )
    by = people.actor(user, at=at)
    draft = operations.begin(bundle=BUNDLE, subject=f"organisation:{shop.pk}", by=by, at=at)
    filled = _filled(draft.id, by, number)
    found = queries.application(by, draft.id, at)
    for paper in papers.of_application(found, at):
        if paper.way is Way.BROUGHT:
            file = attaching.File("材料.pdf", None, [pdf(text=f"{number}-{paper.slug}")])
            given = {"about": f"draft:{draft.id}", "region": draft.region, "holder": draft.subject.holder_hash}
            attaching.attach(paper=paper, files=[file], by=by.ref, at=at, **given)  # type: ignore[arg-type]  # as named
        elif not paper.ready:
            attaching.promise_in_draft(paper=paper, found=found, sealed=True, by=by, at=at)
    return Ready(people.client_for(user), draft.id, filled.version)


def _filled(draft_id: UUID, by: identity.Actor, number: int) -> forms.Draft:
    """Return the draft with every answer that is asked: a matter may follow from what was answered."""
    at = clocks.now()
    writer = answers.Writer(Random(number), number, at.date(), by.name, lambda: f"样例{number}")
    typed = answers.typed(BUNDLE, writer) | {"wants_sign": ["yes"], "floor_area": ["120"]}
    while True:
        found = queries.application(by, draft_id, at)
        raw = {code: said for code, said in typed.items() if code in found.form.fields}
        draft = operations.save(application=found, raw=raw, seen=found.draft.version, by=by, at=at).draft
        if list(draft.matters) == list(found.form.matters):
            return draft


def officer(*roles: str, unit: str = "") -> Client:
    """Return the browser of somebody with roles in a unit, or in every unit."""
    at: Any = clocks.now()
    name = f"bench-{get_random_string(12).lower()}"
    given: dict[str, Any] = {"region": settings.REGION, "by": identity.MACHINE, "at": at}
    user = identity.open_staff_account(username=name, name="办事员", unit=unit, title="办事员", **given)
    for role in roles:
        people.grant(user, role, unit=unit)
    return people.client_for(user)


def units() -> list[str]:
    """Return the units that work on the bundles of the city."""
    flows = cases.current_flows(region=settings.REGION)
    return sorted({step.unit for flow in flows if flow.is_bundle for step in flow.steps if step.unit})
