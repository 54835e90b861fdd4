"""Events without a gap; what is filed, one or many; nothing of it is filed by the checks (land register §13.3, §13.4)."""

import time
from typing import Any

from bancheng.site.bankcheck.kit import API, NOBODY, Failed, Kit, check, expect

# --- events


def events(kit: Kit, after: int = 0, limit: int = 500) -> list[dict[str, Any]]:
    """Return a page of events."""
    found: list[dict[str, Any]] = expect(kit.ask("GET", f"events?after={after}&limit={limit}"), 200)["items"]
    return found


@check("事件编号从1起不跳号", "Events are numbered from 1 without a gap")
def dense(kit: Kit) -> None:
    numbers = [one["seq"] for one in events(kit)]
    if numbers and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise Failed(f"{numbers[:20]}")


@check("从断点接着读，不重不漏", "Reading on from a number gives what is behind it")
def read_on(kit: Kit) -> None:
    first = events(kit, limit=2)
    if len(first) == 2 and events(kit, after=first[0]["seq"], limit=1) != first[1:]:
        raise Failed("the second read alone is another one")


@check("确认只进不退，不能越过已编号的", "What is acknowledged goes forward, never beyond what was numbered")
def ack(kit: Kit) -> None:
    now = expect(kit.ask("POST", "events/ack", {"seq": 0}), 200)
    last = expect(kit.ask("POST", "events/ack", {"seq": now["seq"]}), 200)
    back = expect(kit.ask("POST", "events/ack", {"seq": 0}), 200)
    if back["acked"] < last["acked"]:
        raise Failed("it went back")
    expect(kit.ask("POST", "events/ack", {"seq": 2**60}), 422, "no_such_seq")


@check("推送地址须为正当地址", "A webhook needs a proper address")
def bad_webhook(kit: Kit) -> None:
    for url in ("ftp://example.com/x", "https://user:secret@example.com/", "javascript:alert(1)"):
        expect(kit.ask("POST", "webhooks", {"url": url}), 422, "unfit_url")


@check("登记推送地址，撤销后不再推送", "A webhook is made and ended")
def webhook(kit: Kit) -> None:
    expect(kit.ask("GET", "webhooks"), 200)
    expect(kit.ask("DELETE", f"webhooks/{NOBODY}"), 404)


# --- filing


@check("缺项错项一次列全", "What is wrong is listed, and nothing is filed")
def invalid(kit: Kit) -> None:
    if not expect(kit.ask("POST", "applications", {"kind": "mortgage.set"}), 422, "invalid")["fields"]:
        raise Failed("no field is named")


@check("金额只收整数分", "Amounts are whole fen, never decimals")
def decimals(kit: Kit) -> None:
    body = {"kind": "mortgage.set", "payload": {"principal_fen": 1.5, "first": "2026-01-01", "last": "2036-01-01"}}
    fields = expect(kit.ask("POST", "applications", body), 422, "invalid")["fields"]
    if not any("principal_fen" in one["at"] for one in fields):
        raise Failed("a decimal amount passed")


@check("查询须有权利人授权", "A quote needs the owner's power")
def power(kit: Kit) -> None:
    expect(kit.ask("POST", "quotes", {"lots": ["411025001001GB00001F00010001"]}), 422, "invalid")


@check("查无此单元照实说", "A unit that is not in the book is said not to be")
def no_unit(kit: Kit) -> None:
    lot = "411025999999GB99999F99999999"
    expect(kit.ask("POST", "quotes", {"lots": [lot], "authorisation": "授权书（核验）"}), (404, 409, 422))


@check("别家的申请视为不存在", "An application that is not the bank's does not exist")
def absent(kit: Kit) -> None:
    expect(kit.ask("GET", f"applications/{NOBODY}"), 404)
    expect(kit.ask("POST", f"applications/{NOBODY}/withdrawals", {}), 404)


@check("申请列表可按游标接着读", "Applications are read on by a cursor")
def listed(kit: Kit) -> None:
    page = expect(kit.ask("GET", "applications?limit=5"), 200)
    if page["items"] and page["next"] != page["items"][-1]["cursor"]:
        raise Failed("the cursor is another")


@check("一批1至500件", "A batch has 1 to 500 items")
def batch_size(kit: Kit) -> None:
    expect(kit.ask("POST", "batches", {"items": []}), 422)
    expect(kit.ask("POST", "batches", {"items": [{}] * 501}), 422)


@check("整批成败只用于同一幢楼的部分解押", "All or none is for the release of one building only")
def atomic(kit: Kit) -> None:
    expect(kit.ask("POST", "batches", {"items": [{}], "atomic": True}), 422, "not_atomic")


@check("一批收下即答，逐件有结果", "A batch is taken in at once, each item answered")
def batch(kit: Kit) -> None:
    made = expect(kit.ask("POST", "batches", {"items": [{}, {}]}), 202)
    status = made["status"].removeprefix(f"{API}/")
    for _ in range(180):  # a worker that is busy may take a while
        whole = expect(kit.ask("GET", status), 200)
        if whole["done"] == 2:
            break
        time.sleep(0.5)
    if [one["status"] for one in whole["items"]] != [422, 422]:
        raise Failed(f"{whole['items']}"[:100])
    expect(kit.ask("GET", f"batches/{NOBODY}"), 404)
