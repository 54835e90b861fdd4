"""The claims of case thirteen: each recomputed, each able to be found broken."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from bancheng.kernel.audit import public as audit
from bancheng.kernel.claims import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.lib.identifiers import uuid7
from bancheng.pack.reader import Notes, document
from bancheng.services.mortgages import claims
from bancheng.services.mortgages.models import Agreement, BankRequest, Outlet, Tracked
from bancheng.services.mortgages.operations import custody, serving
from bancheng.services.mortgages.tests import towns
from bancheng.services.mortgages.tests.desks import HOME
from bancheng.services.mortgages.tests.towns import BANK, OTHER_BANK, REGISTRY, Town


def test_every_claim_of_the_case_is_recomputed_or_quoted(town: Town) -> None:
    path = Path(settings.PACK) / "claims" / "13-mortgage-online.toml"
    written = {one.values["id"]: one.values["kind"] for one in document(path, notes=Notes(path.parent)).tables("claim")}
    assert {code for code, kind in written.items() if kind in ("computed", "promise")} == set(claims.CLAIMS)
    assert "not_yet" not in written.values()


def test_banks_and_developers_are_counted_by_outlet_and_agreement(town: Town) -> None:
    """A13.2, A13.3, F13.2, F13.11, F13.12."""
    assert (claims.banks().number, claims.developers().number) == (6, 16)
    assert [claims.CLAIMS[code]().number for code in ("F13.2", "F13.11", "F13.12")] == [1, 1, 1]
    towns.without_agreements()
    assert claims.banks().number == 0
    Outlet.objects.filter(channel="township").update(retired_at=clocks.now())
    assert claims.nine_channels().number == 0


def test_nothing_yet_is_no_figure(town: Town) -> None:
    for code in (
        "A13.1",
        "A13.4",
        "A13.5a",
        "A13.5b",
        "A13.5f",
        "F13.3",
        "F13.4",
        "F13.5",
        "F13.6",
        "F13.7",
        "F13.8",
        "F13.9",
        "F13.10",
    ):
        with pytest.raises(cases.Cannot):
            claims.CLAIMS[code]()


def solved(town: Town, route: str, grade: int) -> BankRequest:
    by, bank = town.actor("service_officer", REGISTRY), town.actor("bank_clerk")
    made = serving.ask(bank=BANK, words="诉求", by=bank, at=clocks.now())
    serving.sort(request_id=made.pk, topic="data", route=route, others="税务局", by=by, at=clocks.now())
    serving.answer(request_id=made.pk, words="已解决", by=by, at=clocks.now())
    if grade:
        serving.rate(request_id=made.pk, grade=grade, words="", by=bank, at=clocks.now())
    return made


def test_requests_are_counted_by_how_they_were_solved_and_silence_is_no_grade(town: Town) -> None:
    """A13.5, F13.4."""
    for route, grade in (("on_spot", 5), ("on_spot", 2), ("coordinated", 0)):
        solved(town, route, grade)
    numbers = {code: claims.CLAIMS[f"A13.5{code}"]().number for code in "bcdef"}
    assert numbers == {"b": 3, "c": 2, "d": 1, "e": 100, "f": 50}
    assert claims.whole_process().number == 1
    BankRequest.objects.create(
        id=uuid7(clocks.now()), region="411000", registry=REGISTRY, bank=BANK, words="x", state="answered", topic="data",
        route="on_spot", asked_by="staff:1", asked_at=clocks.now(), due_on=clocks.today(), answer="x", answered_by="staff:2",
        answered_at=clocks.now(),
    )  # fmt: skip
    assert claims.whole_process().number == 0


def test_visits_symposiums_and_officers(town: Town) -> None:
    """A13.4, A13.5a, F13.3."""
    by = town.actor("service_officer", REGISTRY)
    serving.note_contact(
        bank=BANK, kind="visit", held_on=date(2026, 3, 2), place="支行", words="讲解", by=by, at=clocks.now()
    )
    serving.note_symposium(
        held_on=date(2026, 3, 2), subject="座谈", minutes="纪要", banks=[BANK], by=by, at=clocks.now()
    )
    assert (claims.visits().number, claims.symposiums().number) == (1, 1)
    serving.name_officer(bank=BANK, account=by.account, by=by, at=clocks.now())
    assert claims.officers().number == 0
    for bank in ("abc", "icbc", "ccb", "psbc", "rcb"):
        serving.name_officer(bank=bank, account=by.account, by=by, at=clocks.now())
    assert claims.officers().number == 1


def tracked(kind: str = "mortgage.set", bank: str = BANK, **over: object) -> Tracked:
    now = clocks.now()
    fields: dict[str, object] = {
        "region": "411000", "registry": REGISTRY, "bank": bank, "application": uuid7(now), "number": f"样例{Tracked.objects.count()}",
        "kind": kind, "channel": "bank", "state": "recorded", "filed_at": now, "submitted_at": now, "accepted_at": now,
        "recorded_at": now, "certified_at": now, "with_loan": True,
    }  # fmt: skip
    return Tracked.objects.create(**(fields | over))


def test_a_filing_without_an_agreement_a_late_proof_and_a_slow_cancellation_break_their_promises(town: Town) -> None:
    """A13.1, F13.6, F13.7, F13.10, R13.6."""
    long_ago = clocks.now().replace(year=2025, month=3)
    tracked()
    tracked("mortgage.cancel")
    assert [claims.CLAIMS[code]().number for code in ("A13.1", "F13.6", "F13.7", "F13.10")] == [2, 1, 1, 1]
    tracked(certified_at=None, recorded_at=long_ago, filed_at=long_ago)
    assert claims.straight_to_the_bank().number == 0
    tracked(bank=OTHER_BANK, filed_at=clocks.now().replace(year=2024))
    assert claims.agreed().number == 0
    tracked("mortgage.cancel", submitted_at=long_ago)
    assert claims.set_up_and_cancelled().number == 0
    assert Agreement.objects.filter(state="signed").count() == 6


def test_a_bank_s_filing_without_a_loan_or_without_asking_the_book_breaks_its_promise(town: Town) -> None:
    """F13.5, F13.9: by whatever door it came; what was asked of the parcel or of the lot, by that bank and before, counts."""
    lot, parcel = HOME, f"parcel:{HOME[:19]}"
    tracked(lot=lot)
    tracked(bank="", with_loan=False)  # his own, at the counter
    assert [claims.CLAIMS[code]().number for code in ("F13.5", "F13.9")] == [1, 0]
    _asked(parcel, OTHER_BANK, later=timedelta())
    _asked(parcel, BANK, later=timedelta(minutes=1))
    assert claims.from_the_book().number == 0
    _asked(parcel, BANK, later=timedelta(minutes=-1))
    assert claims.from_the_book().number == 1
    tracked(lot=lot, with_loan=False)
    assert claims.with_the_loan().number == 0


def _asked(about: str, bank: str, *, later: timedelta) -> None:
    at = Tracked.objects.latest("filed_at").filed_at + later
    audit.record("mortgages.quoted", who="bank:1", about=about, at=at, region="411000", detail={"bank": bank})


def test_a_recording_without_a_bundle_or_a_bundle_not_filed_in_time_breaks_the_promise(town: Town) -> None:
    """F13.8, R13.7."""
    row = tracked()
    made = custody.open_bundle(
        recorded=custody.Recorded("411000", REGISTRY, BANK, f"registration:{row.application}", row.number, "", row.kind, "样例", clocks.now()),
        scans=[custody.Scan("抵押合同", 2, None, "ab" * 32)], at=clocks.now(),
    )  # fmt: skip
    assert claims.kept_by_the_bank().number == 1
    made.due_on = date(2025, 1, 1)
    made.save()
    assert claims.kept_by_the_bank().number == 0
    custody.file_away(bundle_id=made.pk, box="A1", shelf="1", pages=2, by=town.actor("bank_archivist"), at=clocks.now())
    assert claims.kept_by_the_bank().number == 1
    tracked(recorded_at=clocks.now().replace(year=2025, month=3))
    assert claims.kept_by_the_bank().number == 0
