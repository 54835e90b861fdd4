"""The samples of a demonstration: made once, by the operations, marked; `prove` recomputes the figures of the source from them (A13.4, A13.5)."""

from pathlib import Path

import pytest

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.days import day_of
from bancheng.pack.reader import Faulty
from bancheng.services.mortgages import claims, served, terms
from bancheng.services.mortgages.models import BankRequest, Contact, Outlet, ServiceOfficer, Symposium
from bancheng.services.mortgages.tests.towns import REGISTRY, Town


def test_a_fresh_demonstration_shows_what_was_done_for_the_banks(town: Town) -> None:
    """A13.4: visits; A13.5: nine symposiums, twenty requests, fourteen on the spot and six with others, all done, all content."""
    town.account("service_officer", REGISTRY)
    at = clocks.now()
    assert served.lay_out(at=at) == 41
    figures = {name: claims.CLAIMS[name]().number for name in claims.CLAIMS if name.startswith(("A13.4", "A13.5"))}
    assert figures.pop("A13.4") >= 10
    assert figures == {"A13.5a": 9, "A13.5b": 20, "A13.5c": 14, "A13.5d": 6, "A13.5e": 100, "A13.5f": 100}
    assert BankRequest.objects.exclude(late_at=None).count() == 0
    assert all(one.answered_at and day_of(one.answered_at) <= one.due_on for one in BankRequest.objects.all())
    assert ServiceOfficer.objects.filter(before=None).count() == 6
    texts = [*BankRequest.objects.values_list("words", flat=True), *Contact.objects.values_list("words", flat=True)]
    assert all(text.startswith(served.MARK) for text in texts)
    page = town.client("service_officer", REGISTRY).get("/mortgages/officers/").content.decode()
    assert "样例：" in page
    assert served.lay_out(at=at) == 0  # once
    assert Symposium.objects.count() == 9


def test_without_a_service_officer_nothing_is_made(loaded_city: None) -> None:
    assert served.lay_out(at=clocks.now()) == 0
    assert BankRequest.objects.count() == 0


def test_without_one_of_the_banks_nothing_is_made(town: Town) -> None:
    town.account("service_officer", REGISTRY)
    Outlet.objects.filter(bank="rcb").update(retired_at=clocks.now())
    assert served.lay_out(at=clocks.now()) == 0
    assert Contact.objects.count() == 0


def test_a_mistake_in_the_samples_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / served.FILE).write_text(
        '[[visit]]\ndays_ago = 3\nbank = "boc"\nkind = "dinner"\nplace = "x"\nwords = "y"\n', encoding="utf-8"
    )
    with pytest.raises(Faulty) as no:
        served.read(tmp_path)
    assert "4" in str(no.value)


def test_a_pack_without_samples_has_none(tmp_path: Path) -> None:
    assert served.read(tmp_path) == served.Served()


def test_the_samples_of_the_reference_pack_are_those_of_the_source() -> None:
    found = served.read(terms.folder())
    assert (len(found.visits), len(found.meetings), len(found.requests)) == (12, 9, 20)
