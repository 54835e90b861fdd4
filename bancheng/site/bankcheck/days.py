"""The file of a day: bytes that hold together (land register §13.6)."""

import base64
import hashlib
from datetime import datetime, timedelta

from bancheng.lib import sigalgs, signing
from bancheng.lib.days import SHANGHAI
from bancheng.site.bankcheck.kit import Failed, Kit, check, expect


@check("没有文件的日子照实说", "A day without a file is said to have none")
def no_day(kit: Kit) -> None:
    expect(kit.ask("GET", "reconciliations/1999-01-01"), 404, "no_such_day")


@check(
    "对账文件：摘要、签名、条数、合计、次序都对，再取字节相同",
    "A day's file: digest, signature, count, sum and order hold, twice the same bytes",
)
def day_file(kit: Kit) -> None:
    day = datetime.fromtimestamp(signing.seconds(), SHANGHAI).date() - timedelta(days=1)
    answer = kit.ask("GET", f"reconciliations/{day}")
    if answer.status_code == 404:
        return  # the house had no bank yet, or its night is still to come
    told, file = expect(answer, 200), kit.ask("GET", f"reconciliations/{day}/file")
    lines = file.content.decode().splitlines()
    numbers, amounts = [one.split("|")[0] for one in lines[1:]], [int(one.split("|")[3]) for one in lines[1:]]
    holds = {
        "digest": hashlib.sha256(file.content).hexdigest() == told["digest"],
        "count": len(numbers) == told["count"] == int(lines[0].split("|")[6]),
        "sum": sum(amounts) == told["sum_fen"] == int(lines[0].split("|")[7]),
        "order": numbers == sorted(numbers),
        "bytes": kit.ask("GET", f"reconciliations/{day}/file").content == file.content,
        "signature": sigalgs.VERIFY[sigalgs.ED25519](
            kit.house[told["key_id"]], file.content, base64.b64decode(told["signature"]), ""
        ),
    }
    if wrong := [name for name, good in holds.items() if not good]:
        raise Failed(", ".join(wrong))
