"""Who is asked to rate, when, by what message."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.apps import apps

from bancheng.kernel.cases import public as cases
from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.jobs import testing as jobs
from bancheng.kernel.notices import public as notices
from bancheng.kernel.notices import testing as sent
from bancheng.kernel.ratings import public as ratings
from bancheng.services.ratings import inviting, telling
from bancheng.services.ratings.tests.conftest import Town, work


def invitations() -> list[Any]:
    return list(apps.get_model("notices", "Message").objects.filter(kind="ratings.invite").order_by("id"))


def test_who_was_given_a_result_is_asked_once(town: Town) -> None:
    """R-RT-2: 一事一评; the invitation says until when, that it is up to him, and names no grade."""
    filed = town.decided()
    found = town.occasion(filed)
    assert (found.unit, found.grade, found.number) == ("market", None, filed.number)
    (message,) = invitations()
    assert message.values["link"].endswith(f"/ratings/r/{found.token}/")
    for _ in range(2):
        assert inviting.invite(root=filed.id, at=clocks.now()) == 0
    assert len(invitations()) == 1


def test_the_words_of_the_invitation_urge_nobody(town: Town) -> None:
    """R-RT-5, R-RT-6: no grade in it, silence is said to be no rating."""
    town.decided()
    (item,) = [one for one in notices.inbox([bytes(invitations()[0].holder_hash)]) if one.kind == "ratings.invite"]
    text = f"{item.title} {item.body}"
    assert "满意" not in text
    assert "按未评价计" in text


def test_a_refusal_is_rated_like_a_grant(town: Town) -> None:
    assert town.occasion(town.decided(denied=True)).grade is None


def test_who_took_it_back_is_not_asked(town: Town) -> None:
    filed = cases.file(
        region="411000",
        service="onething",
        flow="business-licence-check",
        unit="market",
        applicant=cases.Applicant("person", "王芳", b"x" * 32, b"x", "citizen_id"),
        said=cases.Said({}),
        key="w",
        by="person:1",
        at=clocks.now(),
    )
    cases.withdraw(case_id=filed.id, reason="不办了", by="person:1", at=clocks.now())
    work()
    assert ratings.of_cases([filed.id]) == []


def test_who_did_the_work_is_remembered_so_that_he_never_sees_the_rating(town: Town) -> None:
    """R-RT-5."""
    town.decided()
    assert set(apps.get_model("ratings", "Occasion").objects.get().handlers) == {
        f"staff:{town.officer.pk}",
        f"staff:{town.approver.pk}",
    }


def test_what_is_rated_needs_no_invitation_any_more(town: Town) -> None:
    """N-3: asked in the second before sending."""
    one, two = (town.occasion(town.decided(key)) for key in ("k1", "k2"))
    town.applicant.post(f"/ratings/mine/{one.id}/", {"grade": 5})
    subjects = tuple(f"rating:{each.id}" for each in (one, two))
    check = notices.Check("ratings.invite", subjects, clocks.now())
    assert telling.still_wanted(check) == {subjects[0]}
    later = notices.Check("ratings.invite", subjects, clocks.now() + timedelta(days=40))
    assert telling.still_wanted(later) == set(subjects)


def test_several_results_at_once_are_one_message_on_the_phone(town: Town) -> None:
    """N-5, N-8: in the morning, as one."""
    for key in ("k1", "k2", "k3"):
        town.decided(key)
    outside = sent.gateways()
    nine = (clocks.now() + timedelta(days=1)).astimezone(clocks.SHANGHAI).replace(hour=9, minute=0)
    sent.send_all(at=nine, to=outside)
    shown = [text for text in outside["push"].shown if "评价" in text]
    assert shown == ["请您评价3项服务"]


def test_a_city_without_the_section_asks_nobody(town: Town, settings, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings.PACK = tmp_path
    fact = type("F", (), {"act": cases.Act.SERVED, "matter": "x", "root": UUID(int=1)})()
    inviting.note([fact])
    assert jobs.promised("ratings.invite") == []
