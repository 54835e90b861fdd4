"""Service officers, visits, symposiums and requests."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from bancheng.kernel.clocks import public as clocks
from bancheng.services.mortgages.models import BankRequest, RequestLine, ServiceOfficer
from bancheng.services.mortgages.operations import serving as operations
from bancheng.services.mortgages.queries import serving as queries
from bancheng.services.mortgages.tests.towns import BANK, OTHER_BANK, REGISTRY, Town

WHERE = "/mortgages/requests/"


def asked(town: Town, words: str = "系统里看不到补正意见") -> BankRequest:
    return operations.ask(bank=BANK, words=words, by=town.actor("bank_clerk"), at=clocks.now())


def told(kind: str) -> set[str]:
    return set(
        apps.get_model("notices", "Message").objects.filter(kind=f"mortgages.{kind}").values_list("key", flat=True)
    )


def test_each_bank_has_one_chief_service_officer_at_a_time(town: Town) -> None:
    """F13.3."""
    first, second = town.account("service_officer", REGISTRY), town.account("service_officer", REGISTRY, 2)
    desk = town.client("registry_reviewer", REGISTRY)
    for account in (first, second):
        assert desk.post("/mortgages/officers/name/", {"bank": BANK, "account": account.pk}).status_code == 302
    assert [one.account for one in ServiceOfficer.objects.filter(bank=BANK, before=None)] == [second.pk]
    assert second.display_name in town.client("bank_clerk").get("/mortgages/officers/").content.decode()
    assert desk.post("/mortgages/officers/name/", {"bank": BANK, "account": 999_999_999}).status_code == 422
    assert town.client("bank_clerk").post("/mortgages/officers/name/", {}).status_code == 403


def test_visits_and_symposiums_are_on_record_and_a_day_to_come_is_refused(town: Town) -> None:
    """F13.3, F13.4, A13.4: visits; minutes with who was there."""
    desk = town.client("service_officer", REGISTRY)
    visit = {"bank": BANK, "kind": "visit", "held_on": "2026-03-02", "place": "支行营业厅", "words": "讲解补正要点"}
    assert desk.post("/mortgages/officers/contact/", visit).status_code == 302
    tomorrow = (clocks.today() + timedelta(days=1)).isoformat()
    assert desk.post("/mortgages/officers/contact/", visit | {"held_on": tomorrow}).status_code == 422
    meeting = {
        "held_on": "2026-03-05",
        "subject": "联批联办座谈",
        "minutes": "六家银行到会",
        "banks": [BANK, OTHER_BANK],
    }
    assert desk.post("/mortgages/officers/symposium/", meeting).status_code == 302
    own, other = town.client("bank_clerk"), town.client("bank_clerk", "abc")
    assert "讲解补正要点" in own.get("/mortgages/officers/").content.decode()
    assert "联批联办座谈" in own.get("/mortgages/officers/").content.decode()
    assert "讲解补正要点" not in other.get("/mortgages/officers/").content.decode()
    assert "联批联办座谈" not in other.get("/mortgages/officers/").content.decode()
    assert (queries.figures().visits, queries.figures().symposiums) == (1, 1)


def test_a_request_goes_from_asking_to_its_rating(town: Town) -> None:
    """F13.4, A13.5: collected, sorted, solved on the spot, answered, rated."""
    officer, bank = town.client("service_officer", REGISTRY), town.client("bank_clerk")
    assert bank.post(f"{WHERE}ask/", {"bank": BANK, "words": "看不到补正意见"}).status_code == 302
    found = BankRequest.objects.get()
    one = f"{WHERE}{found.pk}/"
    assert officer.post(f"{one}sort/", {"topic": "system", "route": ""}).status_code == 422
    assert officer.post(f"{one}sort/", {"topic": "system", "route": "on_spot"}).status_code == 302
    assert officer.post(f"{one}answer/", {"words": "在申报页面“补正”栏，已当面演示"}).status_code == 302
    assert "已当面演示" in bank.get(one).content.decode()
    assert bank.post(f"{one}rate/", {"grade": ""}).status_code == 422
    assert bank.post(f"{one}rate/", {"grade": "5"}).status_code == 302
    figures = queries.figures()
    assert (figures.received, figures.solved, figures.on_spot, figures.coordinated, figures.content) == (1, 1, 1, 0, 1)
    assert [line.what for line in RequestLine.objects.order_by("pk")] == ["asked", "sorted", "answered", "rated"]


def test_the_officer_hears_of_it_and_the_bank_of_the_answer(town: Town) -> None:
    """F13.4."""
    officer, clerk = town.account("service_officer", REGISTRY), town.account("bank_clerk")
    found = asked(town)
    assert f"mortgages-request-{found.pk}-asked-{officer.pk}" in told("request")
    by = town.actor("service_officer", REGISTRY)
    operations.sort(request_id=found.pk, topic="data", route="coordinated", others="税务局", by=by, at=clocks.now())
    operations.answer(request_id=found.pk, words="已接通", by=by, at=clocks.now())
    assert any(key.endswith(f"-{clerk.pk}") and "-answered-" in key for key in told("request"))


def test_a_bank_that_is_not_content_sends_it_back_and_it_is_answered_again(town: Town) -> None:
    """F13.4: not solved is not done."""
    found, by = asked(town), town.actor("service_officer", REGISTRY)
    operations.sort(
        request_id=found.pk, topic="data", route="coordinated", others="税务局、住建局", by=by, at=clocks.now()
    )
    operations.answer(request_id=found.pk, words="请再等等", by=by, at=clocks.now())
    bank = town.client("bank_clerk")
    assert bank.post(f"{WHERE}{found.pk}/back/", {"words": "数据仍未接通"}).status_code == 302
    assert queries.figures().solved == 0
    operations.answer(request_id=found.pk, words="已接通", by=by, at=clocks.now())
    assert bank.post(f"{WHERE}{found.pk}/rate/", {"grade": "4"}).status_code == 302
    assert queries.figures().coordinated == 1


def test_a_request_is_one_bank_s_and_its_officer_s(town: Town) -> None:
    """P-4: another bank finds nothing, a clerk does not sort."""
    found = asked(town)
    other = town.client("bank_clerk", OTHER_BANK)
    assert other.get(f"{WHERE}{found.pk}/").status_code == 404
    assert found.words not in other.get(WHERE).content.decode()
    assert other.post(f"{WHERE}ask/", {"bank": BANK, "words": "冒名"}).status_code == 403
    assert town.client("bank_clerk").post(f"{WHERE}{found.pk}/sort/", {}).status_code == 403


def test_what_is_rated_is_over(town: Town) -> None:
    found, by = asked(town), town.actor("service_officer", REGISTRY)
    assert town.client("bank_clerk").post(f"{WHERE}{found.pk}/rate/", {"grade": "5"}).status_code == 409
    operations.sort(request_id=found.pk, topic="other", route="on_spot", others="", by=by, at=clocks.now())
    operations.answer(request_id=found.pk, words="已解决", by=by, at=clocks.now())
    operations.rate(request_id=found.pk, grade=5, words="", by=town.actor("bank_clerk"), at=clocks.now())
    assert (
        town.client("service_officer", REGISTRY).post(f"{WHERE}{found.pk}/answer/", {"words": "再答"}).status_code
        == 409
    )


def test_the_day_follows_from_how_it_is_solved_and_what_is_late_escalates_once(town: Town) -> None:
    """F13.4: clocks."""
    found, by = asked(town), town.actor("service_officer", REGISTRY)
    first = found.due_on
    operations.sort(request_id=found.pk, topic="policy", route="coordinated", others="住建局", by=by, at=clocks.now())
    found.refresh_from_db()
    assert found.due_on > first
    late = found.due_on + timedelta(days=1)
    assert operations.escalate(today=found.due_on, at=clocks.now()) == 0
    assert [operations.escalate(today=late, at=clocks.now()) for _ in range(2)] == [1, 0]
    assert queries.figures().late == 1


def test_a_line_of_a_request_is_only_added(town: Town) -> None:
    asked(town)
    with pytest.raises(IntegrityError), transaction.atomic():
        RequestLine.objects.update(words="改过")


def test_figures_of_one_bank_are_its_own(town: Town) -> None:
    asked(town)
    operations.note_symposium(
        held_on=date(2026, 3, 5), subject="座谈", minutes="纪要", banks=[OTHER_BANK],
        by=town.actor("service_officer", REGISTRY), at=clocks.now(),
    )  # fmt: skip
    assert (queries.figures([BANK]).received, queries.figures([BANK]).symposiums) == (1, 0)
    assert (queries.figures([OTHER_BANK]).received, queries.figures([OTHER_BANK]).symposiums) == (0, 1)
