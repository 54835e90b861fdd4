"""The API of shared power for the systems it is joined with: acquisition reads the log, marketing and billing the sessions and the settlement.

Only for a partner whose scope to read spans every unit: a host sees totals, on its page, and nobody's session. No payer is named anywhere.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Field, Path, Query, Router, Schema
from pydantic import StringConstraints

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import public as exchange
from bancheng.lib.httpsig import digest
from bancheng.lib.refusal import Refused
from bancheng.services.sockets import settlement
from bancheng.services.sockets.models import Session
from bancheng.services.sockets.queries import settlement as queries
from bancheng.web.api import Shape, partner
from bancheng.web.doors import Request

router = Router()
READ = partner("read")
LONGEST = timedelta(days=31)
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,40}$")]
AFTER, SIZE = "上一页的 next；首页不填 · `next` of the page before; nothing at first", "每页几条 · how many a page"
After = Annotated[str, Query(max_length=120, description=AFTER)]
Size = Annotated[int, Query(ge=1, le=1000, description=SIZE)]
Day = Annotated[date | None, Query(description="YYYY-MM-DD；不填为昨天 · without it: yesterday")]


def _all(request: Request) -> str:
    """Return the partner's region when it may read all of shared power. Raises Refused("every_unit_needed")."""
    if not request.caller.covers("read", service="sockets", unit=exchange.EVERY):
        raise Refused(
            "every_unit_needed",
            "共享电源的数据只给授权范围为“全部单位”的系统，没有返回数据；请联系平台运维。",
            en="What shared power knows is for systems whose scope spans every unit. Nothing was given: ask the operators.",
            status=403,
        )
    return str(request.caller.region)


def _bad_mark() -> Refused:
    return Refused(
        "bad_after",
        "after 应原样使用上一页返回的 next，没有返回数据。",
        en="`after` is the `next` of the page before, as it was given. Nothing was given.",
        status=422,
    )


# -- the log


class ReadingOut(Shape):
    """A reading, or an event with its register, as the device said it."""

    socket: str
    boot: int = Field(description="设备启动编号 · number of the device's boot")
    seq: int = Field(description="启动后的序号；按 boot、seq 排序 · since the boot; boot and seq are the order")
    day: date
    up_ms: int = Field(description="启动后的毫秒数 · milliseconds since the boot")
    device_at: datetime | None = Field(description="设备时钟，可能不准 · the device's clock, which may be wrong")
    received_at: datetime
    meter: str = Field(description="电表通信地址 · the meter's address")
    session: str = Field(description="设备所报的用电单，空为无人用电 · the session as the device says; empty: nobody's")
    energy_wh: int = Field(description="正向有功总示数，瓦时 · the register, Wh")
    voltage_dv: int | None = Field(description="0.1伏 · tenths of a volt")
    current_ma: int | None
    power_w: int | None
    temperature_dc: int | None = Field(description="0.1摄氏度 · tenths of a degree")
    kind: str = Field(description="事件类别，空为读数 · kind of an event; empty: a reading")
    code: str
    closed: bool | None = Field(description="继电器闭合 · the relay is closed")


class ReadingsOut(Shape):
    """A page of the log."""

    items: list[ReadingOut]
    next: str | None = Field(description="下一页的 after；null：没有了 · `after` of the next page; null: the end")


def _yesterday() -> date:
    return clocks.today() - timedelta(days=1)


def _span(first: date | None, last: date | None) -> tuple[date, date]:
    """Return the days asked for: yesterday, or the one day that is given. Raises Refused("bad_span")."""
    first = first or last or _yesterday()
    last = last or first
    if not timedelta(0) <= last - first < LONGEST:
        raise Refused(
            "bad_span",
            "起止日期应先后有序，最多31天，没有返回数据。",
            en="The first day is not after the last, and they span at most 31 days. Nothing was given.",
            status=422,
        )
    return first, last


def _mark(after: str) -> queries.Mark | None:
    if not after:
        return None
    try:
        socket, boot, seq = after.rsplit(".", 2)
        found = socket, int(boot), int(seq)
    except ValueError:
        raise _bad_mark() from None
    if not all(0 <= number < 2**63 for number in found[1:]):
        raise _bad_mark()
    return found


class Asked(Shape):
    """Of which days, from where on, how many a page."""

    first: date | None = Field(None, description="YYYY-MM-DD；不填为昨天 · without it: yesterday")
    last: date | None = Field(None, description="YYYY-MM-DD；不填为同一天 · without it: the same day")
    after: str = Field("", max_length=120, description=AFTER)
    size: int = Field(500, ge=1, le=1000, description=SIZE)


Log = Callable[..., list[queries.Logged]]


def _page(request: Request, log: Log, code: str, asked: Asked) -> dict[str, Any]:
    region = _all(request)
    since, until = _span(asked.first, asked.last)
    found = log(region, code, first=since, last=until, after=_mark(asked.after), size=asked.size)
    last = found[-1] if len(found) == asked.size else None
    return {"items": found, "next": f"{last.socket}.{last.boot}.{last.seq}" if last else None}


@router.get(
    "sockets/{code}/readings",
    auth=READ,
    response=ReadingsOut,
    summary="一个插座的读数|Readings of a socket",
    description="起止日期内（最多31天）的读数和事件，按设备自己的顺序；原始读数保存31天。"
    "|Readings and events of days, 31 at most, in the device's own order; they are kept for 31 days.",
)
def socket_readings(request: Request, code: Annotated[Code, Path()], asked: Query[Asked]) -> Any:
    return _page(request, queries.log_of_socket, code, asked)


@router.get(
    "sites/{code}/readings",
    auth=READ,
    response=ReadingsOut,
    summary="一处站点的读数|Readings of a site",
    description="现在在这处站点的全部插座，逐个插座排列。|Of all sockets that stand there now, socket by socket.",
)
def site_readings(request: Request, code: Annotated[Code, Path()], asked: Query[Asked]) -> Any:
    return _page(request, queries.log_of_site, code, asked)


# -- sessions


class BandOut(Shape):
    """What was used at one price."""

    band: str
    price: int = Field(description="微元每千瓦时 · micro-yuan per kWh")
    wh: int


class SessionOut(Schema):
    """A settled session."""

    id: UUID
    site: str = Field(alias="site.code")
    public_account: str = Field(alias="site.public_account", description="公共用户档案 · the site's supply contract")
    socket: str = Field(alias="socket.code")
    meter: str
    started_at: datetime | None
    stopped_at: datetime | None
    settled_at: datetime
    energy_wh: int = Field(alias="used_wh")
    paid_fen: int
    charged_fen: int = Field(alias="cost_fen")
    refunded_fen: int
    lost_fen: int = Field(description="超出预付、由我方承担 · used beyond what was paid, borne by us")
    cause: str = Field(description="为什么结束 · why it ended")
    bill: list[BandOut]


class SessionsOut(Shape):
    """A page of settled sessions."""

    items: list[SessionOut]
    next: str | None = Field(description="下一页的 after；null：没有了 · `after` of the next page; null: the end")


@router.get(
    "sessions",
    auth=READ,
    response=SessionsOut,
    summary="一天结算的用电单|Sessions settled on a day",
    description="按结算先后；过去的日子不再变化。|In the order they were settled; a past day changes no more.",
)
def sessions(request: Request, day: Day = None, after: After = "", size: Size = 500) -> Any:
    region = _all(request)
    found = queries.settled(region, day or _yesterday(), after=_settled_mark(after), size=size)
    return {"items": found, "next": _settled_next(found[-1]) if len(found) == size else None}


def _settled_next(one: Session) -> str:
    return f"{one.settled_at:%Y-%m-%dT%H:%M:%S.%f}Z.{one.pk.hex}"


def _settled_mark(after: str) -> tuple[datetime, UUID] | None:
    if not after:
        return None
    at, _, pk = after.rpartition(".")
    try:
        found = datetime.fromisoformat(at), UUID(hex=pk)
    except ValueError:
        raise _bad_mark() from None
    if found[0].tzinfo is None:
        raise _bad_mark()
    return found


# -- the settlement


class TotalOut(Shape):
    """What lines sum to."""

    lines: int
    energy_wh: int
    paid_fen: int
    charged_fen: int = Field(description="电费，已扣除退还的 · charged, less what went back")
    refunded_fen: int
    lost_fen: int


class AccountOut(TotalOut):
    """The sum of one public-user account."""

    public_account: str
    site: str


class LineOut(Shape):
    """A line of the settlement."""

    kind: str = Field(description="use 用电、charge_back 退还电费、charge_back_failed 退还未成")
    session: UUID
    site: str
    public_account: str
    socket: str
    meter: str
    started_at: datetime | None
    stopped_at: datetime | None
    energy_wh: int
    paid_fen: int
    charged_fen: int
    refunded_fen: int
    lost_fen: int
    at: datetime


class SettlementOut(Shape):
    """A day's settlement."""

    day: date
    total: TotalOut
    accounts: list[AccountOut]
    lines: list[LineOut]
    sha256: str = Field(description="CSV末行的校验值 · the hash in the last line of the CSV file")


def _file(request: Request, day: date) -> settlement.File:
    region = _all(request)
    if day >= clocks.today():
        raise Refused(
            "day_not_over",
            "这一天还没有结束，没有结算文件；请明天再取。",
            en="That day is not over and has no settlement file yet. Fetch it tomorrow.",
        )
    return settlement.of(region, day)


@router.get(
    "settlements/{day}",
    auth=READ,
    response=SettlementOut,
    summary="日结算|Settlement of a day",
    description="每张结算的用电单一行（use），退还的电费为负数行（charge_back，退还未成 charge_back_failed）；"
    "有合计、按公共用户档案的小计，和CSV文件的校验值；charged_fen 已扣除退还的。"
    "|A line for each session settled (use), below zero for a charge that went back (charge_back, charge_back_failed); "
    "the total, sums by public-user account, and the hash of the CSV file; charged_fen is less what went back.",
)
def settlement_of(request: Request, day: date) -> Any:
    found = _file(request, day)
    return {
        "day": day,
        "total": found.total,
        "accounts": queries.by_account(found.lines),
        "lines": found.lines,
        "sha256": found.sha256,
    }


@router.get(
    "settlements/{day}/file.csv",
    auth=READ,
    summary="日结算文件|Settlement file of a day",
    description="同一天逐字节相同；倒数第二行为合计，末行为其前全部字节的SHA-256，应答头 Content-Digest 为整个文件的摘要。"
    "|The same day gives the same bytes; the total stands in the last line but one, in the last the SHA-256 of all bytes before it; "
    "the header Content-Digest is of the whole file.",
    openapi_extra={
        "responses": {
            200: {"description": "CSV", "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}
        }
    },
)
def settlement_file(request: Request, day: date) -> HttpResponse:
    found = _file(request, day)
    answer = HttpResponse(found.content, content_type=settlement.TYPE)
    answer["Content-Disposition"] = f'attachment; filename="settlement-{day}.csv"'
    answer["Content-Digest"] = digest(found.content)
    return answer
