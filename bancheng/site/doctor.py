"""What `bancheng doctor` looks at: one finding a line, in both languages, bad news with its remedy."""

import importlib
import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from bancheng.site import house
from bancheng.site.postgres import EmbeddedPgError, binaries

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
KEYS = (
    "BANCHENG_SECRET_KEY",
    "BANCHENG_FIELD_KEYS",
    "BANCHENG_FIELD_HASH_KEY",
    "BANCHENG_GATEWAY_SECRET",
    "BANCHENG_OIDC_SECRET",
    "BANCHENG_REGISTERS_SECRET",
    "BANCHENG_EXCHANGE_KEYS",
)
GIGABYTE = 2**30


class State(StrEnum):
    """How a thing is: `WARN` works but wants attention, `BAD` does not work."""

    OK = "✓"
    WARN = "!"
    BAD = "✗"


class Finding(NamedTuple):
    """One line of the page."""

    state: State
    what: str
    says: str


def without_django() -> Iterator[Finding]:
    """Yield what can be told before the settings are read."""
    yield python()
    yield programs()
    yield disk()
    yield keys()
    yield pack()
    yield chromium()


def with_django() -> Iterator[Finding]:
    """Yield what only the running parts know; each part that fails is one bad line, and the rest goes on."""
    for look in (database, migrations, calendars, sandbox, jobs, documents, scanner, seals, fonts, payments):
        yield safely(look)
    yield from gateways()
    from bancheng.site import doctor_power  # it wants Django, and this page is printed without it too

    yield from doctor_power.looks()


class PartMissingError(LookupError):
    """A part of the kernel that this version does not have."""


def face(part: str, name: str) -> Any:
    """Return the face of a kernel part that offers `name`.

    Raises PartMissingError when there is none.
    """
    if house.built(f"bancheng.kernel.{part}.public"):
        module = importlib.import_module(f"bancheng.kernel.{part}.public")
        if hasattr(module, name):
            return module
    raise PartMissingError(part)


def safely(look: Callable[[], Finding]) -> Finding:
    """Return the finding, or what the look failed with: a doctor that dies of a disease helps nobody."""
    try:
        return look()
    except PartMissingError as missing:
        return Finding(State.WARN, look.__name__, f"本版本没有 · not in this version: {missing}")
    except Exception as error:
        return Finding(State.BAD, look.__name__, f"{type(error).__name__}: {error}")


def python() -> Finding:
    fine = sys.version_info >= (3, 11)
    return Finding(State.OK if fine else State.BAD, "Python", f"{platform.python_version()} ({sys.executable})")


def programs() -> Finding:
    """Which PostgreSQL programs are used, for the embedded server and for backups."""
    try:
        found = binaries.find()
    except EmbeddedPgError as error:
        return Finding(State.WARN if house.has_own_database() else State.BAD, "PostgreSQL 程序 · programs", str(error))
    return Finding(State.OK, "PostgreSQL 程序 · programs", f"{found.version} ({found.folder})")


def disk() -> Finding:
    """Free space where the data grows."""
    place = house.embedded().home
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    state = State.OK if free > 5 * GIGABYTE else State.WARN if free > GIGABYTE else State.BAD
    return Finding(state, "磁盘 · disk", f"{free / GIGABYTE:.1f} GB 可用 · free ({place})")


def keys() -> Finding:
    """Whether each secret is given, or will be made (demo only)."""
    production = os.environ.get("BANCHENG_PRODUCTION", "0").lower() in {"1", "true", "yes"}
    given = [name for name in KEYS if os.environ.get(name) or os.environ.get(f"{name}_FILE")]
    kept = [name for name in KEYS if (house.var() / "keys" / name.lower()).exists()]
    lacking = [name for name in KEYS if name not in given and (production or name not in kept)]
    if lacking and production:
        return Finding(State.BAD, "密钥 · keys", f"缺少 · missing: {', '.join(lacking)}")
    made = f"{len(given)} 来自环境 · from the environment, {len(kept)} 在 · in {house.var() / 'keys'}"
    return Finding(State.OK, "密钥 · keys", made)


def pack() -> Finding:
    """Whether the city pack is a folder with something in it."""
    folder = house.pack()
    files = sum(1 for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
    return Finding(State.OK if files else State.BAD, "城市包 · city pack", f"{folder} ({files} 个文件 · files)")


def chromium() -> Finding:
    """Only the browser walks want one."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    missing = "未找到；make journeys 会跳过 · none; make journeys skips its walks"
    return Finding(State.OK if found else State.WARN, "Chromium", found or missing)


def database() -> Finding:
    """Version, locale, checksums."""
    from bancheng.site import checks

    found = checks.database()
    says = f"PostgreSQL {found.version}, {found.encoding}, {found.locale}"
    if found.faults:
        return Finding(State.BAD, "数据库 · database", " ".join(found.faults))
    if not found.checksums:
        return Finding(State.WARN, "数据库 · database", f"{says}; 未启用校验和 · no data checksums")
    return Finding(State.OK, "数据库 · database", f"{says}, checksums")


def migrations() -> Finding:
    """Whether the database has the code's shape."""
    from bancheng.site.verbs.migrate import pending

    steps = len(pending())
    says = f"{steps} 步待执行：bancheng migrate · {steps} to do: bancheng migrate" if steps else "无 · none pending"
    return Finding(State.WARN if steps else State.OK, "迁移 · migrations", says)


def calendars() -> Finding:
    """To which day working days are known."""
    clocks = face("clocks", "calendar")
    known, today = clocks.calendar().known_until, clocks.today()
    state = State.OK if known >= today else State.BAD
    return Finding(state, "日历 · calendars", f"已公布至 {known} · published until {known}")


def sandbox() -> Finding:
    """Whether a demonstration's clock stands before the real one."""
    clocks = face("clocks", "real_now")
    shown = clocks.now()
    if abs((shown - clocks.real_now()).total_seconds()) < 60:
        return Finding(State.OK, "沙盒时钟 · sandbox clock", "未启用 · off")
    return Finding(State.WARN, "沙盒时钟 · sandbox clock", f"现在显示 · it shows {shown:%Y-%m-%d %H:%M}")


def jobs() -> Finding:
    """Whether promised work is being done."""
    status = face("jobs", "status").status()
    late = status.oldest_wait_seconds > 300
    says = (
        f"等待 waiting {status.waiting}, 执行 doing {status.doing}, 失败 failed {status.failed}, "
        f"最久等待 oldest {status.oldest_wait_seconds:.0f} s"
    )
    return Finding(State.WARN if late or status.failed else State.OK, "任务 · jobs", says)


def documents() -> Finding:
    """Whether what people hand in can be kept."""
    status = face("documents", "status").status()
    state = State.BAD if status.store_fault else State.OK
    return Finding(state, "文件库 · document store", status.store_fault or status.store)


def scanner() -> Finding:
    """Whether uploads are looked through for malware; without a scanner only the scanners' test string is refused."""
    from django.conf import settings

    status = face("documents", "status").status()
    if not status.scanner:
        says = "未设置 BANCHENG_CLAMD，上传的文件不查毒 · not set: uploads are not scanned"
        return Finding(State.OK if settings.DEMO else State.WARN, "病毒检查 · scanner", says)
    state = State.BAD if status.scanner_fault else State.OK
    return Finding(state, "病毒检查 · scanner", status.scanner_fault or status.scanner)


def seals() -> Finding:
    """Who seals certificates, and whether a seal ends soon."""
    certificates, clocks = face("certificates", "seal_lasts"), face("clocks", "now")
    what, lasts = "电子印章 · seals", certificates.seal_lasts()
    if certificates.is_sample():
        made = f"测试根证书盖章，文件标“样章” · a test authority seals, files are marked as samples ({len(lasts)})"
        return Finding(State.WARN, what, made)
    soon = [unit for unit, until in lasts.items() if (until - clocks.now()).days < 30]
    if soon:
        return Finding(State.BAD, what, f"三十天内到期或已到期 · end within thirty days: {', '.join(soon)}")
    says = f"{len(lasts)} 个单位 · units, 信任 {len(certificates.roots())} 个根 · authorities trusted"
    return Finding(State.OK if lasts else State.BAD, what, says)


def fonts() -> Finding:
    """Whether certificates can be set."""
    found = face("certificates", "fonts").fonts()
    return Finding(State.OK if len(found) >= 2 else State.BAD, "证照字库 · fonts", ", ".join(found) or "无 · none")


def payments() -> Finding:
    """Which channels take money, whether their keys can be used, and whether a refund waits for a person."""
    from django.conf import settings

    payments, clocks = face("payments", "status"), face("clocks", "now")
    what, found = "支付 · payments", payments.status()
    if not found:
        return Finding(State.WARN, what, "未设置渠道，不能收款 · no channel is set: no money is taken")
    faults = [f"{one.channel}: {one.fault}" for one in found if one.fault]
    if faults:
        return Finding(State.BAD, what, "; ".join(faults))
    stuck = len(payments.stuck(settings.REGION, clocks.now()))
    says = f"{', '.join(one.channel for one in found)}; 待人工退款 refunds for a person {stuck}"
    return Finding(State.WARN if stuck else State.OK, what, says)


def gateways() -> Iterator[Finding]:
    """Whether somebody listens where messages, sign-ins and questions to registers are sent."""
    from django.conf import settings

    peers = (
        ("短信 · SMS", "SMS_URL"),
        ("推送 · push", "PUSH_URL"),
        ("身份 · identity", "OIDC_URL"),
        ("登记信息 · registers", "REGISTERS_URL"),
    )
    for what, name in peers:
        yield reachable(what, getattr(settings, name), demo=settings.DEMO)
    for name, values in (("微信支付 · WeChat Pay", settings.WECHAT_PAY), ("支付宝 · Alipay", settings.ALIPAY)):
        if values:
            yield reachable(name, values["base_url"], demo=settings.DEMO)


def reachable(what: str, url: str, *, demo: bool) -> Finding:
    """Open a connection to the host of `url`; in the demo a simulator that does not run is no fault."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=3).close()
    except OSError as error:
        hint = "；演示环境请先 bancheng up · in the demo start bancheng up" if demo else ""
        return Finding(State.WARN if demo else State.BAD, what, f"{url}: {error.strerror or error}{hint}")
    return Finding(State.OK, what, url)
