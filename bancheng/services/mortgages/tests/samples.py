"""What the generated tests of every door try of mortgages: of one unit, which is the bank and the registry in one, few or many."""

from datetime import date, timedelta

from bancheng.kernel.clocks import public as clocks
from bancheng.lib.identifiers import uuid7
from bancheng.services.mortgages.models import Agreement, BankRequest, Contact
from bancheng.services.mortgages.rules.agreements import State
from bancheng.services.mortgages.tests import towns
from bancheng.web.testing import Samples, World

MARK = "样例抵押"


def agreement(world: World, state: State) -> Agreement:
    """Return an agreement of the unit, each of another year, long after any day."""
    first = date(2100 + Agreement.objects.count(), 1, 1)
    return towns.agreement(
        world.unit, first, first.replace(month=12, day=31), state, registry=world.unit,
        number=f"{MARK}协议{Agreement.objects.count()}号",
    )  # fmt: skip


def request(world: World, state: str = "asked") -> BankRequest:
    """Return a request of the unit, to the unit."""
    now = clocks.now()
    more: dict[str, object] = {}
    if state != "asked":
        more |= {"topic": "other", "route": "on_spot"}
    if state == "answered":
        more |= {"answer": "样例", "answered_by": "staff:900004", "answered_at": now}
    made = BankRequest.objects.create(
        id=uuid7(now), region=world.region, registry=world.unit, bank=world.unit, words=f"{MARK}诉求", state=state,
        asked_by="staff:900005", asked_at=now, due_on=clocks.today() + timedelta(days=3), **more,
    )  # fmt: skip
    made.lines.create(region=world.region, what="asked", by="staff:900005", at=now, words=made.words)
    return made


def fill(world: World, first: int, last: int) -> None:
    """Lay out agreements, requests and visits of the unit number `first` to `last`."""
    now = clocks.now()
    for _ in range(first, last + 1):
        agreement(world, State.SIGNED)
        request(world)
        Contact.objects.create(
            id=uuid7(now), region=world.region, registry=world.unit, bank=world.unit, kind="visit", held_on=clocks.today(),
            place=MARK, words=MARK, noted_by="staff:900006", noted_at=now,
        )  # fmt: skip


def samples(world: World) -> Samples:
    proposed, signed = agreement(world, State.PROPOSED), agreement(world, State.SIGNED)
    why, words = {"why": "样例"}, {"words": "样例"}
    return Samples(
        values={
            "agreement_id": proposed.pk,
            "mortgages:agreement_end/agreement_id": signed.pk,
            "request_id": request(world).pk,
            "mortgages:request_answer/request_id": request(world, "sorted").pk,
            "mortgages:request_rate/request_id": request(world, "answered").pk,
            "mortgages:request_back/request_id": request(world, "answered").pk,
        },
        sends={
            "mortgages:agreement_propose": {"bank": "boc"},
            "mortgages:agreement_turn_down": why,
            "mortgages:agreement_end": why,
            "mortgages:officer_name": {"bank": "boc", "account": "1"},
            "mortgages:contact_note": {"bank": "boc"},
            "mortgages:symposium_note": {"held_on": "2026-03-02"},
            "mortgages:request_ask": {"bank": "boc", "words": "样例"},
            "mortgages:request_sort": {"topic": "other", "route": "on_spot"},
            "mortgages:request_answer": words,
            "mortgages:request_rate": {"grade": "5"},
            "mortgages:request_back": words,
        },
        marks=(MARK,),
        own=frozenset(
            f"mortgages:{one}"
            for one in ("agreement_propose", "officer_name", "contact_note", "symposium_note", "request_ask")
        ),
    )
