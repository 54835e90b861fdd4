"""The office corrects the book by itself: notice, announcement, four eyes; the holder named and heard (实施细则 第八十一条)."""

from typing import Any
from uuid import UUID

import pytest

from bancheng.kernel.identity import testing as people
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing
from bancheng.kernel.titles import public as titles
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db
Party, Role, REGION, LAND = registrations.Party, registrations.Role, testing.REGION, titles.land(testing.PARCEL)
AFTER = {"noticed_on": "2026-01-05", "erred_on": "2026-03-01", "reason": "界址点测量有误"}
DEVELOPER = Party(Role.DEVELOPER, "organisation", "样例置业有限公司", testing.DEVELOPER_USCC)
PAPERS = ("correction_evidence", "correction_notice")


def filed(office: testing.Office, kind: str = "correction.own_area", land: str = LAND, **other: Any) -> UUID:
    papers, holder = other.pop("papers", PAPERS), kind == "correction.own_holder"
    people.citizen("李四", serial=74)
    named = [Party(Role.INTERESTED, "person", "李四", people.citizen_id(74))]
    named.append(Party(Role.HOLDER, "organisation", DEVELOPER.name, DEVELOPER.identifier))
    return registrations.file(
        region=REGION,
        kind=kind,
        key=f"own-{kind}",
        channel="window",
        by=office.acceptor,
        parties=named if holder else [DEVELOPER],
        lots=[testing.SECOND if holder else land],
        payload={**AFTER, **({} if holder else {"area_dm2": 101_000}), **other},
        papers=testing.papers(*papers),
        acting_for_unit=testing.REGISTRY,
        at=testing.AT,
    ).id


def announced(office: testing.Office, made: UUID) -> None:
    registrations.accept(application_id=made, by=office.acceptor, at=testing.AT)
    registrations.announce(
        application_id=made, working_days=15, basis="第八十一条", by=office.reviewer, at=testing.later(hours=1)
    )


def reviewed(office: testing.Office, made: UUID, *, days: int) -> None:
    at = testing.later(days=days)
    registrations.go_on(application_id=made, by=office.reviewer, at=at)
    registrations.review(application_id=made, by=office.reviewer, at=at)


def test_a_holder_is_corrected_after_notice_and_announcement_by_other_eyes(office: testing.Office) -> None:
    """R7.1"""
    made = filed(office, "correction.own_holder")
    announced(office, made)
    reviewed(office, made, days=22)
    with pytest.raises(Refused, match="not_your_registry"):
        registrations.book(application_id=made, by=office.reviewer, at=testing.later(days=22))
    registrations.book(application_id=made, by=office.booker, at=testing.later(days=22))
    assert [one.party.name for one in titles.holders(REGION, testing.SECOND).members] == ["李四"]
    assert not list(titles.verify())


def test_an_area_is_corrected_after_notice_and_announcement(office: testing.Office) -> None:
    """R7.1: undivided land gets a title with its true area"""
    parcel = "411025099001GB00078"
    titles.open_parcel(
        parcel=parcel,
        area_dm2=100_000,
        holder=titles.sole(titles.organisation(DEVELOPER.name, DEVELOPER.identifier)),
        **testing.said("open-78", at=testing.later(days=-60)),
    )
    made = filed(office, land=titles.land(parcel))
    announced(office, made)
    reviewed(office, made, days=22)
    registrations.book(application_id=made, by=office.booker, at=testing.later(days=22))
    assert titles.lot(REGION, titles.land(parcel)).dm2 == titles.parcel(REGION, parcel).area_dm2 == 101_000
    registrations.certify(region=REGION, registry=testing.REGISTRY, at=testing.later(days=22))
    (title,) = registrations.certificates_of([made])
    assert "1010.00" in str(registrations.by_id(title.id, open_said=True))
    assert not list(titles.verify())


def test_before_its_announcement_is_over_nothing_is_recorded(office: testing.Office) -> None:
    made = filed(office, "correction.own_holder")
    announced(office, made)
    reviewed(office, made, days=20)  # 20 days have 14 working days
    with pytest.raises(Refused, match="not_announced") as no:
        registrations.book(application_id=made, by=office.booker, at=testing.later(days=20))
    assert "2026-03-23" in no.value.says
    assert titles.lot(REGION, testing.SECOND).with_developer


def test_without_any_announcement_nothing_is_recorded(office: testing.Office) -> None:
    made = filed(office, "correction.own_holder")
    registrations.accept(application_id=made, by=office.acceptor, at=testing.AT)
    registrations.review(application_id=made, by=office.reviewer, at=testing.later(days=40))
    with pytest.raises(Refused, match="not_announced"):
        registrations.book(application_id=made, by=office.booker, at=testing.later(days=40))


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"noticed_on": "2026-02-02"}, "notice_running"),
        ({"noticed_on": ""}, "notice_missing"),
        ({"reason": " "}, "own_motion_unfounded"),
        ({"erred_on": "2026-01-01"}, "own_motion_barred"),
        ({"papers": ("correction_evidence",)}, "papers_missing"),
    ],
)
def test_what_it_has_to_show_is_asked_for(office: testing.Office, other: dict[str, Any], code: str) -> None:
    """The home of another was sold after January: what was disposed of since the mistake is left to its holder."""
    with pytest.raises(Refused) as no:
        filed(office, "correction.own_area", **other)
    assert no.value.code == code


def test_nobody_but_the_registry_files_it(office: testing.Office) -> None:
    with pytest.raises(Refused) as no:
        registrations.file(
            region=REGION, kind="correction.own_area", key="x", channel="app", by=testing.developer(), parties=[DEVELOPER],
            lots=[LAND], payload={**AFTER, "area_dm2": 101_000}, papers=testing.papers(*PAPERS), at=testing.AT,
        )  # fmt: skip
    assert no.value.code == "filer_not_for_kind"


def test_the_holder_hears_of_it_and_stops_it_until_it_is_recorded(office: testing.Office) -> None:
    made = filed(office, "correction.own_area")
    assert registrations.brief(made).state is registrations.State.SUBMITTED  # nobody has to agree
    developer = testing.developer()
    assert registrations.asked_hashes(made)
    state = registrations.object_to(
        application_id=made, reason="没有错", by=developer, channel="app", at=testing.later(hours=1)
    )
    assert state is registrations.State.SUSPENDED
    with pytest.raises(Refused, match="no_such_application"):
        registrations.object_to(
            application_id=made, reason="没有错", by=office.owner, channel="app", at=testing.later(hours=1)
        )


def test_a_consent_on_paper_is_judged_again_when_it_is_recorded(office: testing.Office) -> None:
    """F7.8: what was taken in before consents had to be shown is refused with what is missing"""
    assert [
        each.code
        for each in registrations.check(
            region=REGION, kind="plan.quantify", channel="window", by=office.acceptor, parties=(), lots=[LAND],
            payload={"right_consents": ["M1"]}, papers=testing.papers("planning_approval"),
            acting_for_unit=testing.REGISTRY, at=testing.AT,
        )
    ] == ["consent_undated", "consent_unscanned"]  # fmt: skip
