"""Every page: it works, it refuses the wrong person, and another's things do not exist."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.identity import testing as people
from bancheng.kernel.jobs import testing as jobs
from bancheng.lib import identifiers
from bancheng.services.expiry import operations
from bancheng.services.expiry.models import Batch, Task, Watch
from bancheng.services.expiry.tests.books import book
from bancheng.services.expiry.tests.conftest import UNIT
from bancheng.services.expiry.tests.test_operations import licence

REGION = "411000"


@pytest.fixture
def desk(city: None) -> Client:
    return people.client_for(people.staff("unit_admin", unit=UNIT))


@pytest.fixture
def other(city: None) -> Client:
    """The administrator of another unit."""
    return people.client_for(people.staff("unit_admin", unit="tobacco"))


def upload(client: Client, data: bytes, unit: str = UNIT) -> object:
    return client.post("/expiry/ledgers/upload/", {"unit": unit, "file": SimpleUploadedFile("台账.xlsx", data)})


def a_licence_of(client: Client, days_left: int = 20, **cells: object) -> Watch:
    """Upload and read a ledger with one licence, as the worker would."""
    upload(client, book(licence(1, clocks.today() + timedelta(days=days_left), **cells)))
    jobs.run_all()
    return Watch.objects.get()


@pytest.mark.parametrize(
    "address", ["/expiry/", "/expiry/?domain=tobacco", "/expiry/items/food-business/", "/expiry/items.csv"]
)
def test_the_directory_is_open_to_all(client: Client, city: None, address: str) -> None:
    """F10.10"""
    answer = client.get(address)
    assert answer.status_code == 200
    client.cookies["django_language"] = "en"
    assert client.get(address).status_code == 200


def test_a_ledger_is_uploaded_read_and_its_bad_rows_come_back(desk: Client) -> None:
    """B10.9 F10.3"""
    today = clocks.today()
    upload(desk, book(licence(1, today + timedelta(days=90)), licence(2, today + timedelta(days=90), 手机号="1")))
    jobs.run_all()
    batch = Batch.objects.get()
    page = desk.get(f"/expiry/ledgers/{batch.pk}/").content.decode()
    assert "手机号" in page
    assert desk.get(f"/expiry/ledgers/{batch.pk}/bad.xlsx").status_code == 200
    assert "台账.xlsx" in desk.get("/expiry/ledgers/").content.decode()
    assert desk.get("/expiry/ledgers/template.xlsx").status_code == 200


def test_a_ledger_whose_reading_was_given_up_is_read_on_when_it_comes_again(desk: Client) -> None:
    """B10.9: while its job lives it is refused; when that failed for good, the same batch goes on and says so."""
    data = book(licence(1, clocks.today() + timedelta(days=90)))
    upload(desk, data)
    for live in ("todo", "doing"):
        set_jobs(live)
        assert upload(desk, data).status_code == 409  # type: ignore[attr-defined]
    set_jobs("failed")
    assert upload(desk, data).status_code == 302  # type: ignore[attr-defined]
    assert upload(desk, data).status_code == 409  # type: ignore[attr-defined]
    jobs.run_all()
    batch = Batch.objects.get()
    assert (batch.state, batch.added) == ("done", 1)
    assert "此前读取中断" in desk.get(f"/expiry/ledgers/{batch.pk}/").content.decode()
    assert upload(desk, data).status_code == 302  # type: ignore[attr-defined]
    assert Batch.objects.count() == 2  # a whole one may be brought again


def set_jobs(status: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE task_name = 'expiry.read_batch'", (status,))


def test_a_wrong_file_is_refused_on_the_page_and_nothing_is_kept(desk: Client) -> None:
    answer = upload(desk, b"%PDF-1.7")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "未导入任何数据" in answer.content.decode()  # type: ignore[attr-defined]
    assert Batch.objects.count() == 0


def test_another_unit_s_administrator_sees_nothing_of_it(desk: Client, other: Client) -> None:
    """P-1"""
    watch = a_licence_of(desk)
    batch = Batch.objects.get()
    assert other.get(f"/expiry/ledgers/{batch.pk}/").status_code == 404
    assert other.get(f"/expiry/ledgers/{batch.pk}/bad.xlsx").status_code == 404
    assert upload(other, book()).status_code == 403  # type: ignore[attr-defined]
    assert other.post(f"/expiry/licences/{watch.pk}/application/", {"what": "accepted"}).status_code == 404
    assert "JY000001" not in other.get("/expiry/licences/").content.decode()


def test_a_holder_sees_his_own_licence_and_answers(desk: Client) -> None:
    """P-4 R10.7 F10.8"""
    holder = people.citizen(serial=1)
    mine = people.citizen_id(1)
    watch = a_licence_of(desk, 证件号码=mine)
    client = people.client_for(holder)
    assert "食品经营许可证" in client.get("/expiry/mine/").content.decode()
    page = client.get(f"/expiry/mine/{watch.pk}/").content.decode()
    assert "已经办了" in page
    assert "提醒是一项服务" in page
    assert client.get(f"/expiry/mine/{watch.pk}/show/").status_code == 200
    assert client.post(f"/expiry/mine/{watch.pk}/answer/", {"says": "given_up"}).status_code == 302
    assert client.post(f"/expiry/mine/{watch.pk}/help/", {"wanted": "1"}).status_code == 302
    watch.refresh_from_db()
    assert (watch.state, watch.special) == ("given_up", True)
    client.cookies["django_language"] = "en"
    assert "keep reminding me" in client.get(f"/expiry/mine/{watch.pk}/").content.decode()


def test_another_holder_s_licence_does_not_exist(desk: Client) -> None:
    """P-4"""
    watch = a_licence_of(desk)
    stranger = people.client_for(people.citizen(serial=2))
    assert stranger.get(f"/expiry/mine/{watch.pk}/").status_code == 404
    assert stranger.post(f"/expiry/mine/{watch.pk}/answer/", {"says": "given_up"}).status_code == 404
    assert "还没有您的证照" in stranger.get("/expiry/mine/").content.decode()


def test_a_task_is_worked_from_the_list_to_its_result(desk: Client) -> None:
    """F10.7 F10.14 P-3"""
    a_licence_of(desk, days_left=3)
    operations.inspect(today=clocks.today(), at=clocks.now(), region=REGION)
    task = Task.objects.get(kind=Task.Kind.ONE_ON_ONE)
    officer = people.staff("section_officer", unit=UNIT)
    assert desk.get("/expiry/tasks/").status_code == 200
    assert desk.post("/expiry/tasks/assign/", {"task": task.pk, "officer": officer.pk}).status_code == 302
    client = people.client_for(officer)
    assert client.get("/expiry/tasks/?show=own").status_code == 200
    assert identifiers.make_mobile(1) not in client.get(f"/expiry/tasks/{task.pk}/").content.decode()
    shown = client.post(f"/expiry/tasks/{task.pk}/contact/")
    assert identifiers.make_mobile(1) in shown.content.decode()
    result = {"method": "visit", "result": "told", "note": ""}
    assert client.post(f"/expiry/tasks/{task.pk}/close/", result).status_code == 302
    assert "已办结" in client.get(f"/expiry/tasks/{task.pk}/").content.decode()


def test_the_unit_s_licences_are_listed_masked_and_an_application_is_noted(desk: Client) -> None:
    """R10.5 P-3: exports are masked."""
    watch = a_licence_of(desk, days_left=90, 持证人="赵建军")
    page = desk.get("/expiry/licences/").content.decode()
    assert "JY000001" in page
    assert "赵建军" not in page
    assert "赵建军" not in desk.get("/expiry/licences.csv").content.decode()
    assert desk.post(f"/expiry/licences/{watch.pk}/application/", {"what": "accepted"}).status_code == 302
    watch.refresh_from_db()
    assert watch.state == "pending"


@pytest.mark.parametrize(("what", "button"), [("withdrawn", "申请人撤回"), ("refused", "不予延续")])
def test_an_application_ends_by_one_of_two_buttons_and_by_no_other_word(desk: Client, what: str, button: str) -> None:
    """R10.2 R10.5: taken back and refused are two things."""
    watch = a_licence_of(desk, days_left=90)
    address = f"/expiry/licences/{watch.pk}/application/"
    desk.post(address, {"what": "accepted"})
    assert button in desk.get("/expiry/licences/").content.decode()
    assert desk.post(address, {"what": "ended"}).status_code == 422
    watch.refresh_from_db()
    assert watch.state == "pending"
    assert f"已登记{button}" in desk.post(address, {"what": what}, follow=True).content.decode()
    watch.refresh_from_db()
    assert watch.state == "live"


def test_a_task_is_given_back_from_its_page_and_a_closed_one_says_who_and_when(desk: Client) -> None:
    """F10.7: whoever cannot do it puts it back; closing is final."""
    a_licence_of(desk, days_left=3)
    operations.inspect(today=clocks.today(), at=clocks.now(), region=REGION)
    page = f"/expiry/tasks/{Task.objects.get(kind=Task.Kind.ONE_ON_ONE).pk}/"
    first, second = (
        people.client_for(people.staff("section_officer", unit=UNIT, name=name)) for name in ("李经办", "王经办")
    )
    first.post(f"{page}take/")
    assert "退回名单" in first.get(page).content.decode()
    assert "退回名单" not in second.get(page).content.decode()
    assert second.post(f"{page}give-back/").status_code == 403
    assert "已退回名单" in first.post(f"{page}give-back/", follow=True).content.decode()
    assert "领取任务" in first.get(page).content.decode()
    second.post(f"{page}take/")
    second.post(f"{page}close/", {"method": "call", "result": "told", "note": ""})
    closed = first.get(page).content.decode()
    assert "王经办 · <time" in closed
    assert "退回名单" not in closed
    assert first.post(f"{page}give-back/").status_code == 409


def test_the_quarter_is_reviewed(desk: Client) -> None:
    """F10.13"""
    assert desk.post("/expiry/review/", {"unit": UNIT, "note": ""}).status_code == 302
    assert "本季度已梳理" in desk.get("/expiry/review/").content.decode()
    assert desk.post("/expiry/review/", {"unit": "tobacco"}).status_code == 403


def test_the_supervisor_sees_figures_and_starts_an_inspection(desk: Client, city: None) -> None:
    """P-6 F10.14"""
    a_licence_of(desk)
    supervisor = people.client_for(people.staff("supervisor"))
    page = supervisor.get("/expiry/board/").content.decode()
    assert "赵建军" not in page
    assert "37" in page
    assert supervisor.post("/expiry/inspect/").status_code == 302
    assert jobs.promised("expiry.inspect")
    assert supervisor.get("/expiry/licences/").status_code == 403


@pytest.mark.parametrize(
    "address", ["/expiry/mine/", "/expiry/ledgers/", "/expiry/tasks/", "/expiry/board/", "/expiry/review/"]
)
def test_an_anonymous_visitor_is_sent_to_sign_in(client: Client, city: None, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 302
    assert "/sign-in/" in answer["Location"]


def test_a_false_code_is_refused(client: Client, city: None) -> None:
    assert client.get("/expiry/verify/nonsense/").status_code in {403, 404, 409, 422}


def test_the_directory_is_searched_by_licence_and_by_unit(client: Client, city: None) -> None:
    """F10.10"""
    assert "药品经营许可证" not in client.get("/expiry/?words=烟草").content.decode()
    assert "烟草专卖零售许可证" in client.get("/expiry/?words=烟草").content.decode()
    assert "没有找到" in client.get("/expiry/?words=nothing").content.decode()


def test_the_notice_of_the_mechanism_stands_as_the_pack_words_it(client: Client, city: None) -> None:
    """F10.1"""
    page = client.get("/expiry/notice/").content.decode()
    for words in ("关于推行证照到期前提醒工作机制的通知", "工作目标", "工作内容", "工作重点", "工作要求"):
        assert words in page


def test_an_item_leaves_the_directory_and_comes_back(desk: Client, other: Client, client: Client) -> None:
    """F10.13: asked once more, refused while it is watched or another unit's, undone from the same page."""
    address = "/expiry/review/items/medical-device/"
    assert "确认撤下" in desk.get(address).content.decode()
    assert other.get(address).status_code == 404
    assert other.post(address).status_code == 404
    assert desk.post(address).status_code == 302
    assert "新增0项，撤下1项" in desk.get("/expiry/review/").content.decode().replace("新增4项", "新增0项")
    assert client.get("/expiry/items/medical-device/").status_code == 404
    assert other.post(f"{address}restore/").status_code == 404
    assert desk.post(f"{address}restore/").status_code == 302
    assert client.get("/expiry/items/medical-device/").status_code == 200


def test_a_watched_item_is_not_withdrawn(desk: Client) -> None:
    a_licence_of(desk)
    assert "现在不能撤下" in desk.get("/expiry/review/items/food-business/").content.decode()
    assert desk.post("/expiry/review/items/food-business/").status_code == 409


def test_a_result_that_is_missing_is_asked_for_and_the_note_is_kept(desk: Client) -> None:
    """F10.7"""
    a_licence_of(desk, days_left=3)
    operations.inspect(today=clocks.today(), at=clocks.now(), region=REGION)
    task = Task.objects.get(kind=Task.Kind.ONE_ON_ONE)
    client = people.client_for(people.staff("section_officer", unit=UNIT))
    client.post(f"/expiry/tasks/{task.pk}/take/")
    answer = client.post(f"/expiry/tasks/{task.pk}/close/", {"method": "call", "note": "下午再打"})
    assert answer.status_code == 422
    assert "下午再打" in answer.content.decode()
    assert client.get("/expiry/tasks/?number=JY").content.decode().count("/expiry/tasks/") > 1
    assert "没有这个证号的任务" in client.get("/expiry/tasks/?number=XX").content.decode()


def test_the_board_shows_its_formulas_and_can_be_taken_away(desk: Client) -> None:
    """R10.6 P-6 F10.14"""
    a_licence_of(desk)
    operations.inspect(today=clocks.today(), at=clocks.now(), region=REGION)
    supervisor = people.client_for(people.staff("supervisor"))
    page = supervisor.get("/expiry/board/").content.decode()
    for words in ("7天内行动", "一对一按期办结", "避免停业", "已送达", "从未报送", "提醒后按时续证件数"):
        assert words in page
    table = supervisor.get("/expiry/board.csv").content.decode("utf-8-sig")
    assert table.startswith("类别,名称,数值,分子,分母,口径")
    assert "已送达" in table
    assert "已送达" not in desk.get("/expiry/board.csv").content.decode("utf-8-sig")


def test_the_home_page_says_what_waits_for_the_holder_and_for_the_officer(desk: Client, client: Client) -> None:
    """F10.14 P-3: the officer's tasks with what is overdue, the holder's own licence with what to do; nobody else hears of it."""
    a_licence_of(desk, days_left=3)
    operations.inspect(today=clocks.today(), at=clocks.now(), region=REGION)
    holder = people.client_for(people.citizen(serial=1, born=date(1978, 5, 12)))
    assert "1项提醒任务待办" in desk.get("/").content.decode()
    shown = holder.get("/").content.decode()
    assert f"/expiry/mine/{Watch.objects.get().pk}/" in shown
    assert "要我办的事" not in client.get("/").content.decode()
    assert "要我办的事" not in people.client_for(people.citizen(serial=2)).get("/").content.decode()
    assert 'href="/expiry/mine/"' not in desk.get("/").content.decode()  # a citizen's page alone
