"""A partner's program, small enough to copy: it signs, uploads papers, hands in a restaurant for a client, has events brought,
follows, and fetches what came of it.

    .venv/bin/python -m bancheng.sim.bank --key-id ID --secret BASE64
    .venv/bin/python -m bancheng.sim.bank --key-id ID --secret BASE64 --fetch REFERENCE

See docs/howto/connect-a-partner.md. It knows nothing of ours but how RFC 9421 is done.
"""

import argparse
import base64
import json
import secrets
import struct
import sys
import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from bancheng.lib import httpsig, identifiers
from bancheng.sim.html import SHANGHAI
from bancheng.sim.state import now

API = "/api/v1/onething"
USCC = identifiers.make_uscc("411002", 88)


class Bank:
    """The bank's system at its desk: `ask` is all there is to signing."""

    def __init__(self, client: httpx.Client, *, key_id: str, secret: bytes) -> None:
        self.client, self.key_id, self.secret = client, key_id, secret

    def ask(self, method: str, path: str, body: Any = None, *, key: str = "") -> httpx.Response:
        """Send one signed request; `key` is the Idempotency-Key of a change: keep it, and send the same one again after a timeout.

        A body of bytes is a file and goes as it is, anything else as JSON.
        """
        file = isinstance(body, bytes)
        data = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        )
        kind = "application/octet-stream" if file else "application/json"
        headers = {"Idempotency-Key": key or secrets.token_hex(8)} if method != "GET" else {}
        url = f"{self.client.base_url}".rstrip("/") + API + path
        message = httpsig.Message.to(method, url, body=data, headers=headers)
        nonce = secrets.token_hex(12)
        signed = httpsig.sign(message, key_id=self.key_id, key=self.secret, at=int(now()), nonce=nonce)
        return self.client.request(method, url, content=data, headers={**headers, **signed, "Content-Type": kind})

    def upload(self, data: bytes, *, name: str, key: str = "") -> httpx.Response:
        """Upload one file; its id is named in the application, once."""
        return self.ask("POST", f"/uploads?name={quote(name)}", data, key=key)

    def code_of(self, bundle: str, paper: str) -> str:
        """Return the code of a paper that the city asks for."""
        asked = self.ask("GET", f"/bundles/{bundle}/papers").raise_for_status().json()
        return next(str(one["code"]) for one in asked if one["name"]["zh"] == paper)


BUNDLE = "open-restaurant"
PAPERS = ("经营场所平面图、设备布局和操作流程文件", "食品安全管理制度目录")


def photograph(number: int) -> bytes:
    """Return what stands for a photographed paper: a small grey PNG, another for each number."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = b"".join(b"\0" + number.to_bytes(8, "big") * 8 for _ in range(64))
    head = struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def application(reference: str, *, today: date, papers: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return an application for a small restaurant, as the city's form asks (`GET /onething/open-restaurant/` explains it)."""
    return {
        "code": BUNDLE,
        "papers": papers,
        "reference": reference,
        "authorisation": "授权书样例001号",
        "applicant": {"kind": "organisation", "identifier": USCC, "name": "许昌市样例饭店"},
        "answers": {
            "premises_right": "leased",
            "lease_until": str(today + timedelta(days=1500)),
            "premises_proof": "豫许租样例001",
            "business_address": "许昌市魏都区七一路88号",
            "contact_name": "李娜",
            "contact_mobile": identifiers.make_mobile(88),
            "legal_person_name": "李娜",
            "legal_person_id": identifiers.make_citizen_id("411002", date(1985, 5, 5), 88),
            "food_business_kind": "catering",
            "food_items": ["hot"],
            "food_delivery": "no",
            "food_officer_name": "王强",
            "kitchen_area": "30",
            "floor_area": "120",
            "seats": "40",
            "opening_date": str(today + timedelta(days=90)),
            "wants_sign": "no",
            "wants_tobacco": "no",
        },
    }


def walk(bank: Bank, *, peer: str, reference: str, today: date) -> list[str]:
    """Have events brought to `peer`, upload, hand in, ask for the state; return what to tell the reader."""
    told = []
    name = secrets.token_hex(4)
    made = bank.ask("POST", "/webhooks", {"url": f"{peer}/partner/webhooks/{name}"})
    told.append(f"webhook {made.status_code}: {made.json().get('id', made.text)}")
    if made.status_code == 201:
        httpx.put(f"{peer}/partner/webhooks/{name}", json=made.json(), trust_env=False)
    papers = {}
    for n, paper in enumerate(PAPERS):
        file = bank.upload(photograph(n), name=f"{paper}.png", key=f"{reference}-{n}".ljust(8, "-"))
        told.append(f"upload {file.status_code}: {paper}")
        papers[bank.code_of(BUNDLE, paper)] = [file.json()["file"]["id"]]
    filed = bank.ask("POST", "/applications", application(reference, today=today, papers=papers))
    told.append(f"application {filed.status_code}: {filed.json().get('number', filed.text)}")
    if filed.is_success:
        case = bank.ask("GET", f"/cases/{filed.json()['id']}").json()
        told += [f"{one['title']['en']}: {one['state']}" for one in case["matters"]]
        told += [f"  {clock['explain']['en']}" for one in case["matters"] for clock in one["clocks"]]
        listed = bank.ask("GET", f"/cases/{filed.json()['id']}/papers").json()
        told += [f"  {one['name']['en']}: {one['state']}" for one in listed]
    return [*told, _happened(bank)]


def _happened(bank: Bank) -> str:
    events = bank.ask("GET", "/events?after=0&limit=100").json()
    return f"events: {[event['kind'] for event in events['items']]}"


def fetch(bank: Bank, *, reference: str, folder: Path) -> list[str]:
    """Fetch what came of an application; return what to tell the reader."""
    case = bank.ask("GET", f"/applications/{reference}").raise_for_status().json()
    told = [f"{one['title']['en']}: {one['outcome'] or one['state']}" for one in case["matters"]]
    for one in bank.ask("GET", f"/cases/{case['id']}/results").raise_for_status().json():
        got = bank.ask("GET", f"/cases/{case['id']}/results/{one['licence']}")
        told.append(f"result {got.status_code}: {one['number']}")
        if got.is_success:
            (folder / f"{one['number']}.pdf").write_bytes(got.content)
    return [*told, _happened(bank)]


def main() -> None:
    """Run the walk against a running city."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", default="http://127.0.0.1:8000")
    parser.add_argument("--peer", default="http://127.0.0.1:8001")
    parser.add_argument("--key-id", required=True)
    parser.add_argument("--secret", required=True)
    parser.add_argument("--reference", default=f"demo-{secrets.token_hex(3)}")
    parser.add_argument("--fetch", metavar="REFERENCE", help="fetch what came of it, into this folder")
    asked = parser.parse_args()
    with httpx.Client(base_url=asked.site, timeout=20, trust_env=False) as client:
        bank = Bank(client, key_id=asked.key_id, secret=base64.b64decode(asked.secret))
        if asked.fetch:
            told = fetch(bank, reference=asked.fetch, folder=Path())
        else:
            today = datetime.fromtimestamp(now(), SHANGHAI).date()
            told = [f"reference: {asked.reference}"]
            told += walk(bank, peer=asked.peer, reference=asked.reference, today=today)
    sys.stdout.write("\n".join([*told, f"what came by webhook: {asked.peer}/partner/"]) + "\n")


if __name__ == "__main__":
    main()
