"""A house of its own for the walks: web, worker, simulators and database as `bancheng up` starts them, on a day that never changes.

Its clock begins two months back, so that ledgers were read, people reminded and terms ended by the day the walks are made.
"""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from bancheng.kernel.clocks import public as clocks
from bancheng.lib import identifiers, loopback
from bancheng.sim.ledgers import HEADER
from bancheng.sim.people import DEMO_PEOPLE

ROOT = Path(__file__).resolve().parent.parent.parent
TODAY = date(2026, 11, 23)  # a Monday; 2027 is not published yet, so some dates are provisional
PERSON = {person.code: person for person in DEMO_PEOPLE}
# licence, its unit's name for it, years it runs, how many are in the first ledger
KINDS = (("食品经营许可证", "JY1", 5, 180), ("食品生产许可证", "SC1", 5, 60), ("药品经营许可证（零售）", "YP1", 5, 40))
SURNAMES, GIVEN = "王李张刘陈杨黄周吴徐孙胡朱高林何郭马罗梁", "建国伟芳秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞"
TRADES = ("小吃店", "便利店", "餐饮店", "烘焙坊", "大药房", "食品厂")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Town:
    """A running house, and doors into it."""

    def __init__(self, var: Path, chrome: Any) -> None:
        web, sim, mqtt, meters, ocpp = loopback.spare_addresses(5)
        self.url, self.sim, self.chrome, self.var = f"http://{web}", f"http://{sim}", chrome, var
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("BANCHENG_", "DATABASE_URL"))}
        self.env = kept | {
            "BANCHENG_WEB": web,
            "BANCHENG_SIM": sim,
            "BANCHENG_MQTT": mqtt,
            "BANCHENG_METERS": meters,
            "BANCHENG_OCPP": ocpp,
            "BANCHENG_PEOPLE": "0",
            "BANCHENG_VAR": str(var),
            "PYTHONPATH": str(ROOT),
        }
        self.signed_in: dict[str, Any] = {}
        with (var / "up.log").open("w") as log:
            self.process = subprocess.Popen(
                self._command("up", "--no-load"), env=self.env, stdout=log, stderr=log, cwd=ROOT
            )

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "bancheng.site.cli", *words]

    def wait(self, seconds: int = 120) -> None:
        """Return when the pages answer; say what the house said when they do not."""
        if not until(lambda: self.process.poll() is not None or answers(f"{self.url}/readyz"), seconds):
            raise AssertionError((self.var / "up.log").read_text())
        if self.process.poll() is not None:
            raise AssertionError((self.var / "up.log").read_text())

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        shutil.rmtree(self.var, ignore_errors=True)

    def set_clock(self, day: date, hour: int = 10) -> None:
        """Set the house's clock; it runs on from there."""
        moment = f"{day} {hour:02d}:00"
        self.run("clock", "sandbox", "--set", moment, "--rate", "1", "--reason", "walk")

    def run(self, *words: str) -> None:
        """Run a verb of the command in this house."""
        subprocess.run(self._command(*words), env=self.env, cwd=ROOT, check=True, capture_output=True, timeout=90)

    def start_anew(self, verb: str) -> None:
        """End one process of the house; the supervisor starts it again."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        (pid,) = [one for one in children if verb.encode() in Path(f"/proc/{one}/cmdline").read_bytes().split(b"\0")]
        os.kill(int(pid), signal.SIGTERM)

    def meters(self, gateway: str = "", **asked: str) -> dict[str, Any]:
        """Ask the fault panel of the simulated meters how things stand, or have it do something; nothing while they do not run."""
        body = json.dumps({"gateway": gateway, **asked}).encode()
        request = urllib.request.Request(f"{self.sim}/meters.json", body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                said: dict[str, Any] = json.load(answer)
        except urllib.error.URLError:
            return {}
        return said

    def power(self, *gateways: str) -> None:
        """Wait until these gateways are on the line, with the town's time: its clock has jumped since the meters last asked."""
        if not all(self._in_time(gateway) for gateway in gateways):
            self.start_anew("meters")
            assert until(lambda: all(self._in_time(gateway) for gateway in gateways), 40), "no meters"

    def _in_time(self, gateway: str) -> bool:
        one = self.meters(gateway).get("gateway", {})
        off = timedelta(seconds=one["each"][0]["clock_off_s"]) if one.get("connected") else None
        return off is not None and (clocks.real_now() + off).date() == TODAY

    def visitor(
        self, who: str = "", *, width: int = 1280, js: bool = True, english: bool = False, size: str = "", **kw: Any
    ) -> Any:
        """Return a page of a browser: nobody's, a member of staff's (by demo code) or a citizen's (by name)."""
        context = self.chrome.new_context(
            base_url=self.url,
            viewport={"width": width, "height": 844},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=js,
            reduced_motion="reduce",
            accept_downloads=True,
            **kw,
        )
        if who:
            context.add_cookies(self._cookies(who))
        values = {"django_language": "en" if english else "zh-hans", "bc_size": size}
        context.add_cookies([{"name": k, "value": v, "url": self.url} for k, v in values.items() if v])
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda line: page.problems.append(line.text) if line.type == "error" else None)
        return page

    def _cookies(self, who: str) -> Any:
        if who not in self.signed_in:
            page = self.visitor()
            page.goto("/sign-in/")
            if who in PERSON:
                page.get_by_role("button", name="个人和企业").click()
                page.get_by_text(PERSON[who].name).first.click()
            else:
                page.locator(f"button[name=code][value={who}]").click()
            page.wait_for_url(f"{self.url}/**")
            self.signed_in[who] = [one for one in page.context.cookies() if one["name"] == "sessionid"]
            page.context.close()
        return self.signed_in[who]

    def upload(self, page: Any, name: str, data: bytes) -> str:
        """Upload a ledger on an administrator's page, wait until it is read, return its address."""
        page.goto("/expiry/ledgers/")
        page.set_input_files("input[type=file]", {"name": name, "mimeType": XLSX, "buffer": data})
        page.get_by_role("button", name="上传并导入").click()
        page.wait_for_url("**/ledgers/*-*/")
        where = page.url

        def read() -> bool:
            page.goto(where)
            return page.get_by_text(re.compile("^读完")).count() == 1

        assert until(read, 90), page.inner_text("main")
        return where

    def inspect(self, page: Any) -> None:
        """Press 立即巡检 on a supervisor's page and wait until the inspection has been made."""
        page.goto("/expiry/board/")
        before = page.locator("[data-bc=inspected]").inner_html()
        page.get_by_role("button", name="立即巡检").click()

        def done() -> bool:
            page.goto("/expiry/board/")
            return page.locator("[data-bc=inspected]").inner_html() != before

        assert until(done, 40), "no inspection was made"

    def live(self) -> None:
        """Live the two months: a city, a ledger, reminders, renewals, terms that end, one-on-one calls due."""
        self.set_clock(TODAY - timedelta(days=61))
        self.run("load", str(ROOT / "packs" / "xuchang"))
        admin, supervisor = self.visitor("unit-admin"), self.visitor("supervisor")
        first = rows(TODAY)
        for day, cells in (
            (TODAY - timedelta(days=60), [*first, *spoiled(TODAY)]),
            (
                TODAY - timedelta(days=44),
                [renewed(row, TODAY - timedelta(days=44)) for row in first if over(row, TODAY - timedelta(days=1))],
            ),
            (TODAY, []),
        ):
            self.set_clock(day)
            if cells:
                self.upload(admin, f"市场监管局工作台账-{day:%Y年%m月}.xlsx", book(cells))
            self.inspect(supervisor)
        for page in (admin, supervisor):
            page.context.close()


def rows(today: date) -> list[list[str]]:
    """Return lawful rows around `today`: some run out before it, some at every stage of being reminded, most much later."""
    made = []
    for kind, mark, years, count in KINDS:
        for n in range(count):
            left = (
                -45 + 5 * n
                if n < 21
                else 3
                if n < 24
                else 7
                if n < 26
                else 30
                if n < 28
                else -70
                if n < 31
                else 90 + 9 * n
            )
            made.append(row(kind, f"{mark}41100220{n:05d}", n + count * 7, today + timedelta(days=left), years))
    made[-1][9] = "长期"
    return made


def row(kind: str, number: str, serial: int, until_day: date, years: int = 5, **cells: str) -> list[str]:
    """Return a lawful row of a ledger with `cells` put over it, by column name."""
    name = SURNAMES[serial % 20] + GIVEN[serial * 7 % 22] + GIVEN[serial * 3 % 22]
    issued = date(until_day.year - years, until_day.month, min(until_day.day, 28))
    lawful = {
        "证照名称": kind,
        "证照编号": number,
        "持证人": name + TRADES[serial % 6],
        "证件类型": "居民身份证",
        "证件号码": identifiers.make_citizen_id(
            "411002", date(1960, 1, 1) + timedelta(days=serial * 13), serial % 1000
        ),
        "联系人": name,
        "手机号": identifiers.make_mobile(serial),
        "发证日期": issued.isoformat(),
        "有效期自": issued.isoformat(),
        "有效期至": until_day.isoformat(),
        "绿色通道": "是" if serial % 29 == 0 else "",
        "备注": "",
    }
    return list((lawful | cells).values())


def of_person(code: str, kind: str, number: str, until_day: date, **cells: str) -> list[str]:
    """Return the row of a named person of the demonstration."""
    person = PERSON[code]
    own = {"持证人": person.name, "证件号码": person.citizen_id, "联系人": person.name, "手机号": person.mobile}
    return row(kind, number, 1, until_day, **(own | cells))


def spoiled(today: date) -> list[list[str]]:
    """Return rows that come back, each for a reason of its own."""
    day = today + timedelta(days=200)
    return [
        row("食品经营许可证", "JY1411002BAD01", 501, day, 手机号="1380000"),
        row("食品经营许可证", "JY1411002BAD02", 502, day, 证件号码="411002198001010011"),
        row("食品经营许可证", "JY1411002BAD03", 503, day, 有效期至="2027.2.30"),
        row("采砂许可证（旧版）", "CS1411002BAD04", 504, day),
        row("食品经营许可证", "JY1411002BAD05", 505, day, 备注="法人身份证" + PERSON["zhao-jianjun"].citizen_id),
        row("食品经营许可证", "", 506, day),
        row("食品经营许可证", "JY1411002BAD07", 507, day, 证件类型="暂住证"),
        row("食品经营许可证", "JY1411002BAD08", 508, day, 手机号="", 证照名称="没有这种证"),
    ]


def over(cells: list[str], last: date) -> bool:
    """Return whether a row ran out by `last`, leaving out every seventh: somebody always forgets."""
    return cells[9] != "长期" and date.fromisoformat(cells[9]) <= last and int(cells[1][-5:]) % 7 != 0


def renewed(cells: list[str], on: date) -> list[str]:
    """Return the row as it comes in on a day after its renewal: issued before the end, five years more."""
    end = date.fromisoformat(cells[9])
    fresh = list(cells)
    fresh[7] = fresh[8] = min(end - timedelta(days=9), on).isoformat()
    fresh[9] = date(end.year + 5, end.month, min(end.day, 28)).isoformat()
    return fresh


def book(cells: Iterable[list[str]]) -> bytes:
    """Return the bytes of a ledger as units write it: a title, the header, the rows."""
    made = Workbook(write_only=True)
    sheet = made.create_sheet("工作台账")
    for line in (["证照到期提醒事项工作台账"], list(HEADER), *cells):
        sheet.append(line)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def until(true: Callable[[], bool], seconds: float) -> bool:
    """Return whether `true` came true within so many seconds."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.3)
    return True
