"""`bancheng up`: the whole house under one supervisor.

It holds the database, prepares it, and starts web, worker and simulators, each in a process group of its own, so that
Ctrl-C reaches the supervisor alone and it can stop them in order. What dies is started again, later each time; what dies
again and again is left lying, in plain words. No process outlives the supervisor: the kernel ends the children with it,
and the database with its last user.
"""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO

from bancheng.site import house, serving
from bancheng.site.postgres import EmbeddedPg
from bancheng.site.verbs.web import PREPARATION_FAILED

COLOURS = {"web": "36", "worker": "33", "gateway": "32", "broker": "34", "sim": "35", "meters": "35"}
COLOURS |= {"ocpp": "32", "chargers": "35", "banks": "35"}
UNPREPARED = """数据库准备失败，原因见上；--no-load 可跳过城市包。
The database could not be prepared; the lines above say why. --no-load leaves the pack out."""
LONG_ENOUGH = 10.0  # a process that ran this many seconds has not died "again"
TRIES = 5
LOOK = 0.2  # seconds between two looks at everything


@dataclass
class Child:
    """One process of the house: how it is started, how long it may take to leave, and how it has fared."""

    verb: str
    patience: float  # seconds to end by itself after SIGTERM
    needed: bool = False  # True: without it there is no house
    after_web: bool = False  # True: it waits until web answers, for until then the database is being prepared
    arguments: Sequence[str] = ()
    process: "subprocess.Popen[str] | None" = None
    started: float = 0.0
    deaths: int = 0  # in a row, each soon after its start
    again_at: float = 0.0
    given_up: bool = False
    reader: threading.Thread | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start the process; call it from the main thread, to whose life the kernel ties the child's."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bancheng.site.cli", self.verb, *self.arguments],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,
        )
        self.started = time.monotonic()
        assert self.process.stdout
        self.reader = threading.Thread(target=repeat, args=[self.verb, self.process.stdout], daemon=True)
        self.reader.start()

    def ended(self) -> int | None:
        """Return the exit code once the process has ended, and sweep up what it left in its group.

        The group is signalled before the process is reaped: until then its number cannot become anybody else's.
        """
        if self.process is None or not self._has_died():
            return None
        self._kill_group()
        code = self.process.wait()
        if self.reader:
            self.reader.join(5)
        if self.process.stdout:
            self.process.stdout.close()
        self.process = None
        return code

    def stop(self, hurry: threading.Event) -> None:
        """Ask the process to end and wait; insist when it takes too long or somebody is in a hurry."""
        if self.process is None:
            return
        os.kill(self.process.pid, signal.SIGTERM)
        end = time.monotonic() + self.patience
        while not self._has_died() and time.monotonic() < end and not hurry.is_set():
            time.sleep(0.05)
        self._kill_group()
        while self.ended() is None:
            time.sleep(0.01)

    def _has_died(self) -> bool:
        """Look without reaping. Nobody else waits for the process, so its number stays ours until `ended`."""
        assert self.process
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _kill_group(self) -> None:
        """Kill the whole group: a server's own workers too."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)


class Supervisor:
    """Runs the children until told to stop."""

    def __init__(self, children: list[Child], *, site_url: str, addresses: dict[str, serving.Address]) -> None:
        self.children = children
        self.site_url = site_url
        self.addresses = addresses  # of the children that listen
        self.ready = False
        self.stopping = threading.Event()
        self.hurry = threading.Event()
        self.server: EmbeddedPg | None = None
        self.began = time.monotonic()

    def run(self) -> int:
        """Start everything, watch it, stop it in order, and return the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        try:
            self.server = house.open_database()
            return self._watch()
        finally:
            self._stop()

    def _asked_to_stop(self, number: int, _: object) -> None:
        if self.stopping.is_set():
            self.hurry.set()
        name = signal.Signals(number).name
        house.say(f"收到 {name}，正在停止；再来一次则立即停止 · {name}: stopping; once more stops at once")
        self.stopping.set()

    def _watch(self) -> int:
        """Start web and the simulators, the rest once web answers, and look after all of them until told to stop."""
        for child in self.children:
            if not child.after_web:
                child.start()
        while not self.stopping.wait(LOOK):
            self._keep_database()
            for child in self.children:
                self._keep(child)
            if any(child.needed and child.given_up for child in self.children):
                return 1
            if not self.ready:
                self._look_whether_ready()
        return 0

    def _look_whether_ready(self) -> None:
        """Once web answers, the database is prepared: start what waited for that, and tell the person."""
        waiting = [child for child in self.children if child.after_web]
        if waiting and answers(self.addresses["web"]):
            for child in waiting:
                child.after_web = False
                child.start()
        if all(answers(address) for address in self.addresses.values()):
            self.ready = True
            for child in self.children:
                child.arguments = ()  # prepared once; a restart serves at once
            self._announce()

    def _keep_database(self) -> None:
        """Start the database again when it was killed; those who use it connect anew by themselves."""
        if self.server and not self.server.alive():
            house.say("数据库已停止，正在重新启动… · The database has stopped and is being started again…")
            self.server.start()

    def _keep(self, child: Child) -> None:
        now = time.monotonic()
        if child.given_up:
            return
        if child.process is None:
            if not child.after_web and now >= child.again_at:
                child.start()
            return
        code = child.ended()
        if code is None:
            return
        if code == PREPARATION_FAILED:
            house.say(UNPREPARED)
            child.given_up = True
            return
        child.deaths = 1 if now - child.started > LONG_ENOUGH else child.deaths + 1
        wait = 0.5 * 2 ** (child.deaths - 1)
        child.again_at = now + wait
        child.given_up = child.deaths >= TRIES
        house.say(epitaph(child, code, wait))

    def _announce(self) -> None:
        took = time.monotonic() - self.began
        lines = [f"办成已就绪，用时 {took:.1f} 秒 · Bancheng is ready, in {took:.1f} s", ""]
        sim = self.addresses.get("sim")
        found = doors(self.site_url, f"http://{sim}" if sim else "")
        lines += [f"  {url:<{max(len(url) for url, _ in found)}}  {name}" for url, name in found]
        lines += ["", "按 Ctrl-C 停止 · Ctrl-C stops everything"]
        sys.stdout.write("\n" + "\n".join(lines) + "\n\n")
        sys.stdout.flush()

    def _stop(self) -> None:
        """Stop the children in the order they were listed, then leave the database, which stops with us."""
        self.stopping.set()
        for child in self.children:
            child.stop(self.hurry)
        if self.server:
            self.server.release()
        house.say("已全部停止 · Everything has stopped.")


def the_house(pack: str) -> list[Child]:
    """Return the processes of this version, in the order in which they are stopped; no `pack` loads none.

    Web prepares the database before it serves: a process more for that would cost a second start of Django.
    """
    children = [Child("web", patience=15, needed=True, arguments=["--prepare", pack])]
    if house.built("bancheng.kernel.jobs.worker"):
        children.append(Child("worker", patience=30, after_web=True))
    if house.built("bancheng.services.sockets.gateway.process"):
        children.append(Child("gateway", patience=15, after_web=True))
    charge_points = has_charge_points(pack)
    if charge_points:
        children.append(Child("ocpp", patience=15, after_web=True))
    if house.built("bancheng.sim.app") and os.environ.get("BANCHENG_DEMO", "1") not in {"0", "false", "no"}:
        children.append(Child("sim", patience=5))
        children.append(Child("meters", patience=5, after_web=True))
        if os.environ.get("BANCHENG_PEOPLE", "1") != "0":
            children.append(Child("banks", patience=5, after_web=True))
        if charge_points:
            children.append(Child("chargers", patience=5, after_web=True))
    if "MQTT_URL" not in os.environ:
        children.append(Child("broker", patience=5))
    return children


def has_charge_points(pack: str) -> bool:
    """Return whether the pack has devices that come by the OCPP door; without any its process is not needed."""
    units = house.ROOT / pack / "services" / "sockets" / "units.csv"
    return bool(pack) and units.is_file() and ",ocpp16" in units.read_text(encoding="utf-8")


def environment() -> dict[str, str]:
    """Return a child's environment: ours, this checkout's code, and whom it must not outlive."""
    path = os.pathsep.join(filter(None, [str(house.ROOT), os.environ.get("PYTHONPATH")]))
    return {
        **os.environ,
        "PYTHONPATH": path,
        "PYTHONUNBUFFERED": "1",
        "BANCHENG_SUPERVISOR": str(os.getpid()),
    }


def repeat(name: str, lines: IO[str]) -> None:
    """Print a child's lines, each with its name before it."""
    mark = f"\033[{COLOURS.get(name, '0')}m{name:>7}\033[0m |" if coloured() else f"{name:>7} |"
    for line in lines:
        sys.stdout.write(f"{mark} {line.rstrip()}\n")
        sys.stdout.flush()


def coloured() -> bool:
    """Return whether colours are wanted: a terminal, and nobody said NO_COLOR."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def epitaph(child: Child, code: int, wait: float) -> str:
    """Return what to tell the person about a death."""
    how = f"信号 {-code} · signal {-code}" if code < 0 else f"退出码 {code} · exit code {code}"
    if child.given_up:
        return (
            f"{child.verb} 连续 {TRIES} 次启动后即停止（{how}），不再重启；原因见上面它的输出。\n"
            f"{child.verb} has died {TRIES} times in a row ({how}) and is not started again; its last lines say why."
        )
    return f"{child.verb} 停止了（{how}），{wait:g} 秒后重启 · {child.verb} died and starts again in {wait:g} s"


def answers(web: serving.Address) -> bool:
    """Return whether the web process answers requests; what it says is the page's matter."""
    try:
        urllib.request.urlopen(f"http://{web}/healthz", timeout=2).close()
    except urllib.error.HTTPError as error:
        error.close()
        return error.code < 500
    except OSError:
        return False
    return True


DOORS = (
    ("/sign-in/", "登录：市民、工作人员、演示身份一键进入 · sign in: resident, staff, one press in the demonstration"),
    ("/", "首页 · home"),
    ("/expiry/", "许证闹钟：提醒哪些证照 · licence alarm: what the city reminds of"),
    ("/expiry/mine/", "我的证照（市民） · my licences (residents)"),
    ("/expiry/ledgers/", "工作台账（单位管理员） · ledgers (a unit's administrator)"),
    ("/expiry/tasks/", "提醒任务（科室经办） · tasks (section officers)"),
    ("/expiry/board/", "提醒看板（督导） · the board (supervisors)"),
    ("/onething/", "高效办成一件事：开店、迁移、变更、注销 · one thing, done once: open, move, change, close"),
    ("/onething/desk/", "一件事待办（部门、窗口） · cases (departments, window)"),
    ("/sockets/s/XC01-01/", "共享电源：扫码用电（示例插座） · shared power: as scanned at a sample socket"),
    ("/sockets/", "共享电源：点位与价格 · shared power: sites and prices"),
    ("/ratings/", "好差评 · how services are rated"),
    ("/console/jobs/", "运行台（运维） · console (operators)"),
    ("/proof/", "案例自证 · the text proves itself"),
    ("/api/v1/docs", "接口 · the API"),
)


def doors(site_url: str, outside: str) -> list[tuple[str, str]]:
    """Return the doors to walk in by, each an address and whom it is for; `outside` is where the simulators listen, if they run."""
    found = [(f"{site_url}{path}", name) for path, name in DOORS]
    return found + (
        [(f"{outside}/", "模拟的外部：手机、支付、网关、身份认证 · the simulated outside")] if outside else []
    )
