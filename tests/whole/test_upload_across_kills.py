"""A ledger is wholly there or not at all: the web process is killed while it is uploaded."""

import socket
import threading

import httpx
import pytest

from tests.whole import ledgers
from tests.whole.city import City

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]
ROWS = 300


class Desk:
    """The unit administrator's browser."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.browser = httpx.Client(base_url=f"http://{city.web}", timeout=30, trust_env=False)
        self.browser.get("/sign-in/")
        self.browser.post("/sign-in/demo/", data={"code": "unit-admin", "csrfmiddlewaretoken": self.token})
        self.ledger = (city.folder / "ledger.xlsx").read_bytes()

    @property
    def token(self) -> str:
        return self.browser.cookies["csrftoken"]

    def request(self) -> httpx.Request:
        return self.browser.build_request(
            "POST",
            "/expiry/ledgers/upload/",
            data={"unit": "market", "csrfmiddlewaretoken": self.token},
            files={"file": ("台账.xlsx", self.ledger)},
        )

    def upload(self) -> int | None:
        """Upload the ledger; return the status of the answer, or None when there was none."""
        try:
            return self.browser.send(self.request()).status_code
        except httpx.TransportError:
            return None

    def upload_half(self) -> socket.socket:
        """Send half of the upload and leave the line open."""
        request = self.request()
        body = request.read()
        head = f"POST {request.url.raw_path.decode()} HTTP/1.1\r\n".encode()
        head += b"".join(name + b": " + value + b"\r\n" for name, value in request.headers.raw)
        host, _, port = self.city.web.partition(":")
        line = socket.create_connection((host, int(port)))
        line.sendall(head + b"\r\n" + body[: len(body) // 2])
        return line


def kept(city: City) -> dict[str, int]:
    """Return what the database holds of uploads."""
    return {
        "batches": city.count("select count(*) from expiry_batch"),
        "jobs": city.count("select count(*) from procrastinate_jobs where task_name = 'expiry.read_batch'"),
        "events": city.count("select count(*) from audit_event where action = 'expiry.uploaded'"),
    }


def open_web(city: City) -> None:
    city.start("web")
    city.until(city.serves, "the web process")


NOTHING = {"batches": 0, "jobs": 0, "events": 0}
ALL = {"batches": 1, "jobs": 1, "events": 1}


def test_an_upload_whose_web_process_is_killed_is_kept_whole_or_not_at_all_and_may_be_sent_again(city: City) -> None:
    """F10.3: kill -9 of web when half the file is sent, before the commit, and behind it."""
    ledgers.write(city.folder, "ledger.xlsx", [ledgers.licence(n, "2029-06-30") for n in range(ROWS)])
    open_web(city)
    desk = Desk(city)
    with desk.upload_half():
        city.kill("web")
    assert kept(city) == NOTHING

    open_web(city)
    said: list[int | None] = []
    sending = threading.Thread(target=lambda: said.append(desk.upload()))
    with city.halted("lock table procrastinate_jobs in exclusive mode", then=sending.start):
        city.kill("web")
    sending.join()
    assert (said, kept(city)) == ([None], NOTHING)

    open_web(city)
    sending = threading.Thread(target=desk.upload)
    sending.start()
    city.until(lambda: kept(city)["batches"], "the commit")
    city.kill("web")
    sending.join()
    assert kept(city) == ALL

    open_web(city)
    assert desk.upload() == 409  # it is there: the page says so and takes it no second time
    assert kept(city) == ALL
    city.start("worker")
    city.until(lambda: city.ask("select state from expiry_batch") == [("done",)], "the end of the ledger")
    assert desk.upload() == 302
    desk.browser.close()
    city.until(lambda: city.ask("select state from expiry_batch") == [("done",)] * 2, "the end of the second reading")
    assert city.ask("select added, same, bad from expiry_batch order by uploaded_at") == [(ROWS, 0, 0), (0, ROWS, 0)]
    assert city.count("select count(*) from licences_licence") == ROWS
    city.check_audit()
