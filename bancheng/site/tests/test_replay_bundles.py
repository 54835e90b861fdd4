"""A small year of one-thing-done-once, lived in part: through the service's own operations, again and in parts without doubling."""

from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest
from django.apps import apps

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.forms import public as forms
from bancheng.kernel.identity import public as identity
from bancheng.kernel.licences import public as licences
from bancheng.services.onething import figures
from bancheng.services.onething.claims import CLAIMS
from bancheng.sim import bundles as sim
from bancheng.site.replay import bundles, helpers, raters

START = date(2026, 3, 2)
pytestmark = pytest.mark.usefixtures("loaded_city")


def instant(day: date, moment: time = time(1)) -> datetime:
    return datetime.combine(day, moment, tzinfo=clocks.SHANGHAI)


def application(number: int, bundle: str, day: date, **more: object) -> sim.Application:
    year = bundles.planned(start=day, seed=number, scale=0.01 if bundle in ("open-business", "move-in") else 1)
    one = next(one for one in year.applications if one.bundle == bundle and not (one.withdraws or one.gives_up))
    published = [(day - timedelta(days=35)).isoformat()]  # days are those of the plan's own day
    typed = {code: published if code == "publicity_from" else said for code, said in one.typed.items()}
    known = {source: published if source.endswith("publicity_from") else said for source, said in one.known.items()}
    given = {"number": number, "day": day, "fates": {}, "typed": typed, "known": known} | more
    return sim.Application(**({name: getattr(one, name) for name in sim.Application.__dataclass_fields__} | given))


def hall_of(*ones: sim.Application) -> bundles.Hall:
    year = sim.Year(START, START + timedelta(days=365))
    for one in ones:
        year.by_day.setdefault(one.day, []).append(one)
    return bundles.opened(year, at=instant(START))


def live(hall: bundles.Hall, number: int) -> int:
    came = 0
    for day in (START + timedelta(days=n) for n in range(number)):
        clocks.fire_due(today=day, at=instant(day, time(0, 5)))
        cases.send_corrections(today=day, at=instant(day, time(8, 30)))
        came += bundles.live(hall, day)
    return came


def states() -> Counter[tuple[str, str]]:
    case = apps.get_model("cases", "Case")
    return Counter(case.objects.filter(step="").values_list("flow__code", "state"))


def test_an_opening_and_a_migration_are_completed_and_lived_again_change_nothing() -> None:
    """A14.4 A14.5: applied for on a form, handled by six departments, the licence issued; a day begun anew doubles nothing."""
    hall = hall_of(application(1, "open-business", START), application(2, "move-in", START))
    assert live(hall, 20) == 2
    assert states() == {("open-business", "closed"): 1, ("move-in", "closed"): 1}
    assert (CLAIMS["A14.4"]().number, CLAIMS["A14.5"]().number) == (1, 1)
    actions = apps.get_model("cases", "CaseAction").objects.count()
    assert live(hall, 3) == 0
    assert apps.get_model("cases", "CaseAction").objects.count() == actions
    for one in hall.year.applications:
        (licence,) = licences.held_by([bundles._holder(one)], on=START + timedelta(days=20))
        assert licence.licence_type == "business-licence"


def test_corrections_are_merged_answered_and_the_bundle_goes_on() -> None:
    """R-OT-1, R14.3: two departments ask, one notice, one answer."""
    wrong = {code: sim.Fate(correct=True) for code in ("invoice-setup", "seal-engraving")}
    live(hall_of(application(3, "open-business", START, fates=wrong)), 25)
    assert states() == {("open-business", "closed"): 1}
    sent = apps.get_model("cases", "CorrectionItem").objects.values_list("sent_at", "answered_at")
    assert len(sent) == 2
    assert len({at for at, _ in sent}) == 1
    assert all(answered for _, answered in sent)


def test_a_refused_registration_is_applied_for_again_or_given_up() -> None:
    """R14.2: those that wait for it begin when it is granted, or fall away with it."""
    refused = {"registration-opening": sim.Fate(refused=True)}
    again = application(4, "open-business", START, fates=refused)
    given_up = application(5, "open-business", START, fates=refused, gives_up=True)
    live(hall_of(again, given_up), 25)
    assert states() == {("open-business", "closed"): 2}
    assert CLAIMS["A14.4"]().number == 1


def test_who_takes_his_application_back_has_it_withdrawn() -> None:
    slow = {"registration-opening": sim.Fate(review=3)}
    live(hall_of(application(6, "open-business", START, fates=slow, withdraws="*")), 6)
    assert states() == {("open-business", "withdrawn"): 1}


def test_a_silent_department_accepts_by_silence_and_is_late_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """B14.4, R-CLK-7: its sisters go on; it decides when it is back."""
    monkeypatch.setattr(sim, "SILENT_FROM", 0)
    live(hall_of(application(7, "open-business", START)), 15)
    case = apps.get_model("cases", "Case")
    unit = {
        step: (state, accepted is not None)
        for step, state, accepted in case.objects.exclude(step="").values_list("step", "state", "accepted_on")
    }
    assert unit.pop("housing-fund-registration") == (cases.State.ACCEPTED, True)
    assert all(state in (cases.State.CLOSED, cases.State.FOLLOWING_UP) for state, _ in unit.values())
    acts = Counter(apps.get_model("cases", "CaseAction").objects.values_list("act", flat=True))
    assert acts["deemed_accepted"] == 1
    assert acts["escalated"] >= 1


def test_a_closing_ends_the_enterprise() -> None:
    """R14.7: on the way through all seven departments."""
    one = application(8, "close-business", START)
    live(hall_of(one), 20)
    assert states() == {("close-business", "closed"): 1}
    assert one.firm
    (organisation,) = identity.Organisation.objects.filter(uscc=one.firm.uscc)
    assert organisation.closed_at is not None


@pytest.mark.parametrize("bundle", ["change-information", "open-restaurant"])
def test_every_other_bundle_can_be_lived(bundle: str) -> None:
    """F14.2 F14.4"""
    live(hall_of(application(9, bundle, START)), 25)
    assert states() == {(bundle, "closed"): 1}


def test_one_of_five_rates_and_a_bad_one_is_called_back_and_answered() -> None:
    """R-RT-3, R-RT-6: what is said follows from the number; the others are not rated."""
    bad, good, silent = (application(number, "open-business", START) for number in (15, 10, 11))
    assert [raters.grade_of(one) for one in (bad, good, silent)] == [2, 5, None]
    live(hall_of(bad, good, silent), 25)
    occasion = apps.get_model("ratings", "Occasion")
    rated = Counter(occasion.objects.values_list("grade", flat=True))
    assert (rated[2], rated[5], set(rated)) == (1, 1, {None, 2, 5})
    (call_back,) = apps.get_model("ratings", "CallBack").objects.all()
    assert (call_back.state, call_back.late_at) == ("closed", None)


def test_a_small_year_needs_no_helpers_and_its_bundles_are_timed_by_themselves() -> None:
    with helpers.crew(bundles.planned(start=START, seed=1, scale=0.01), at=instant(START)) as crew:
        assert isinstance(crew, helpers.Alone)
        assert crew.seconds == 0.0
        crew.begin(START)
        crew.finish()
        assert crew.seconds > 0.0


@pytest.mark.parametrize(("bundle", "most"), [("move-in", 0.2), ("close-business", 0.2), ("change-information", 0.21)])
def test_a_known_enterprise_types_little_and_what_it_corrects_goes_to_the_unit(bundle: str, most: float) -> None:
    """R2.3, R2.4: the goal of fields typed; what changes is typed by its nature, so a change of one thing is just above it"""
    hall = hall_of(application(10, bundle, START))
    bundles.live(hall, START)
    line = next(one for one in figures.by_bundle() if one.code == bundle)
    assert line.counted == 1
    assert line.typed_known == line.typed
    assert line.typed is not None
    assert line.typed <= most
    assert line.under_goal is (line.typed < 0.2)


def test_a_lease_that_is_filed_is_not_typed_and_what_is_wrong_in_it_is_corrected() -> None:
    """R2.3"""
    one = next(
        found
        for number in range(1, 400)
        if (found := application(number, "open-restaurant", START)).disputes
        and "shared.housing.lease_address" in found.known
    )
    hall = hall_of(one)
    bundles.live(hall, START)
    (item,) = forms.items(region="411000")
    assert (item.element, item.owner) == ("business_address", "housing")
    assert item.source.zh.endswith("共享")
    for day in range(1, 6):
        bundles.live(hall, START + timedelta(days=day))
    assert forms.items(region="411000") == []
    (decided,) = forms.items(region="411000", state=forms.ItemState.ACCEPTED)
    assert decided.changed_at is not None
