"""The settlement file of a day, as the marketing and billing system takes it (F1.7): a line a session, the total, and its own hash.

The same day gives the same bytes: what was settled stays. The last line is the SHA-256 of all bytes before it.
"""

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from bancheng.lib.days import SHANGHAI
from bancheng.services.sockets.queries import settlement as queries
from bancheng.services.sockets.queries.settlement import Line, Total
from bancheng.services.sockets.rules.words import decimal
from bancheng.web.downloads import safe_cell

BOM = "\ufeff"
TYPE = "text/csv; charset=utf-8"
HEADING = (
    "类别", "用电单", "站点", "公共用户档案", "插座", "电表", "开始", "结束", "电量千瓦时", "预付元", "电费元", "退款元", "超用损失元", "结算时间",
)  # fmt: skip
KINDS = {"use": "用电", "charge_back": "退还电费", "charge_back_failed": "退还未成"}


@dataclass(frozen=True)
class File:
    """A day's settlement: its lines, their total, the CSV's bytes, and the hash that stands in its last line."""

    lines: list[Line]
    total: Total
    content: bytes
    sha256: str


def of(region: str, day: date) -> File:
    """Return the settlement file of a day."""
    lines = queries.lines(region, day)
    total = queries.total(lines)
    text = io.StringIO()
    text.write(BOM)
    csv.writer(text).writerows([HEADING, *(_row(one) for one in lines), _sum(total)])
    body = text.getvalue().encode()
    sha256 = hashlib.sha256(body).hexdigest()
    return File(lines, total, body + f"校验,sha256,{sha256}\r\n".encode(), sha256)


def _row(one: Line) -> list[object]:
    words = (KINDS[one.kind], one.session.hex, one.site, one.public_account, one.socket, one.meter)
    return [
        *map(safe_cell, words), _second(one.started_at), _second(one.stopped_at),
        *_figures(one.energy_wh, one.paid_fen, one.charged_fen, one.refunded_fen, one.lost_fen), _second(one.at),
    ]  # fmt: skip


def _sum(total: Total) -> list[object]:
    figures = _figures(total.energy_wh, total.paid_fen, total.charged_fen, total.refunded_fen, total.lost_fen)
    return ["合计", total.lines, *[""] * 6, *figures, ""]


def _figures(energy_wh: int, *fen: int) -> Iterator[str]:
    yield decimal(energy_wh, 3, least=2)
    yield from (decimal(one, 2, least=2) for one in fen)


def _second(at: datetime | None) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if at else ""
