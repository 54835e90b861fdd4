"""Rating a use after its bill: by its secret, without an account, with nothing chosen beforehand."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client

from bancheng.kernel.ratings import public as ratings
from bancheng.lib.days import day_of
from bancheng.pack.reader import Faulty
from bancheng.services.sockets import rating
from bancheng.services.sockets.tests.samples import use
from bancheng.services.sockets.tests.walking import socket

pytestmark = pytest.mark.usefixtures("loaded_city")


@pytest.fixture
def bill() -> tuple[Client, str]:
    """A use that has its bill, and the phone that paid for it."""
    secret = use("XC0001", "r1")
    return Client(), f"/sockets/u/{secret}/"


def test_who_holds_the_secret_rates_and_nothing_is_chosen_for_him(bill: tuple[Client, str]) -> None:
    """F1.21, R-RT-5, R-RT-6: voluntary, no sign-in, no grade preselected; silence is no grade."""
    phone, url = bill
    page = phone.get(url).content.decode()
    assert "评价这次用电" in page
    occasion = apps.get_model("ratings", "Occasion")
    assert occasion.objects.count() == 0
    here = phone.post(f"{url}rate/")["Location"]
    form = phone.get(here).content.decode()
    assert "共享电源" in form
    assert "checked" not in form
    assert occasion.objects.get().grade is None
    assert phone.post(f"{url}rate/")["Location"] == here
    assert phone.post(here, {}).status_code != 302
    assert phone.post(here, {"grade": "5"}).status_code == 302
    assert occasion.objects.get().grade == 5
    assert bytes(occasion.objects.get().rater_hash) == b""
    page = phone.get(url).content.decode()
    assert "查看或修改评价" in page
    assert "非常满意" in page


def test_a_bad_rating_opens_a_call_back_of_the_power_company(bill: tuple[Client, str]) -> None:
    """R-RT-3: with the phone he may leave for it; nobody else's."""
    phone, url = bill
    here = phone.post(f"{url}rate/")["Location"]
    assert phone.post(here, {"grade": "1", "words": "断电太突然"}).status_code == 302
    (call_back,) = apps.get_model("ratings", "CallBack").objects.select_related("occasion")
    assert call_back.occasion.unit == "power"


def test_before_the_bill_there_is_nothing_to_rate() -> None:
    socket(gateway="gw-t")
    phone = Client()
    url = phone.post("/sockets/s/XC0001/", {"fen": "500", "channel": "wechat"})["Location"]
    assert "评价这次用电" not in phone.get(url).content.decode()
    answer = phone.post(f"{url}rate/", follow=True)
    assert "账单出来后才能评价" in answer.content.decode()
    assert apps.get_model("ratings", "Occasion").objects.count() == 0
    assert Client().post("/sockets/u/made-up/rate/").status_code == 404


def test_a_use_is_rated_by_terms_of_its_own(bill: tuple[Client, str]) -> None:
    """R-RT-7: fifteen days to rate, three working days to put right what was bad; other services go by the city's."""
    assert (ratings.terms_of("sockets").open_days, ratings.terms_of("onething").open_days) == (15, 30)
    public = Client().get("/ratings/").content.decode()
    assert "有结果后30天内可以评" in public
    assert "结束后15天内可以评" in public
    phone, url = bill
    here = phone.post(f"{url}rate/")["Location"]
    occasion = apps.get_model("ratings", "Occasion").objects.get()
    assert occasion.closes_on - day_of(occasion.opened_at) == timedelta(days=15)
    assert phone.post(here, {"grade": "1", "words": "插座松动"}).status_code == 302
    occasion.refresh_from_db()
    assert occasion.changeable_until - day_of(occasion.rated_at) == timedelta(days=5)


def test_a_pack_may_leave_the_terms_to_the_city_and_never_go_beyond_the_table(tmp_path: Path) -> None:
    """C-93."""
    assert rating.read_terms(tmp_path) is None
    own = Path(settings.PACK) / "services" / "sockets" / rating.FILE
    text = own.read_text(encoding="utf-8")
    (tmp_path / rating.FILE).write_text(text.replace("fix = { n = 3", "fix = { n = 6"), encoding="utf-8")
    with pytest.raises(Faulty) as faulty:
        rating.read_terms(tmp_path)
    (problem,) = faulty.value.problems
    assert (problem.file, problem.line > 1) == (rating.FILE, True)
