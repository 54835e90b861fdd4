"""A partner's program, small enough to copy: it signs, hands in a restaurant for a client, has events brought, and follows.

    .venv/bin/python -m bancheng.sim.bank --key-id ID --secret BASE64

See docs/howto/connect-a-partner.md. It knows nothing of ours but how RFC 9421 is done.
"""

import argparse
import base64
import json
import secrets
import sys
from datetime import date, datetime, timedelta
from typing import Any

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
        """Send one signed request; `key` is the Idempotency-Key of a change: keep it, and send the same one again after a timeout."""
        data = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Idempotency-Key": key or secrets.token_hex(8)} if method != "GET" else {}
        url = f"{self.client.base_url}".rstrip("/") + API + path
        message = httpsig.Message.to(method, url, body=data, headers=headers)
        nonce = secrets.token_hex(12)
        signed = httpsig.sign(message, key_id=self.key_id, key=self.secret, at=int(now()), nonce=nonce)
        return self.client.request(
            method, url, content=data, headers={**headers, **signed, "Content-Type": "application/json"}
        )


def application(reference: str, *, today: date) -> dict[str, Any]:
    """Return an application for a small restaurant, as the city's form asks (`GET /onething/open-restaurant/` explains it)."""
    return {
        "code": "open-restaurant",
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
    """Have events brought to `peer`, hand in, ask for the state; return what to tell the reader."""
    told = []
    name = secrets.token_hex(4)
    made = bank.ask("POST", "/webhooks", {"url": f"{peer}/partner/webhooks/{name}"})
    told.append(f"webhook {made.status_code}: {made.json().get('id', made.text)}")
    if made.status_code == 201:
        httpx.put(f"{peer}/partner/webhooks/{name}", json=made.json(), trust_env=False)
    filed = bank.ask("POST", "/applications", application(reference, today=today))
    told.append(f"application {filed.status_code}: {filed.json().get('number', filed.text)}")
    if filed.is_success:
        case = bank.ask("GET", f"/cases/{filed.json()['id']}").json()
        told += [f"{one['title']['en']}: {one['state']}" for one in case["matters"]]
        told += [f"  {clock['explain']['en']}" for one in case["matters"] for clock in one["clocks"]]
    events = bank.ask("GET", "/events?after=0&limit=100").json()
    told.append(f"events: {[event['kind'] for event in events['items']]}")
    return told


def main() -> None:
    """Run the walk against a running city."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", default="http://127.0.0.1:8000")
    parser.add_argument("--peer", default="http://127.0.0.1:8001")
    parser.add_argument("--key-id", required=True)
    parser.add_argument("--secret", required=True)
    parser.add_argument("--reference", default=f"demo-{secrets.token_hex(3)}")
    asked = parser.parse_args()
    with httpx.Client(base_url=asked.site, timeout=20, trust_env=False) as client:
        bank = Bank(client, key_id=asked.key_id, secret=base64.b64decode(asked.secret))
        told = walk(
            bank, peer=asked.peer, reference=asked.reference, today=datetime.fromtimestamp(now(), SHANGHAI).date()
        )
    sys.stdout.write("\n".join([*told, f"what came by webhook: {asked.peer}/partner/"]) + "\n")


if __name__ == "__main__":
    main()
