"""What ships with the software, read from `data/`: kinds of registration, channels, terms of corrections, what letters say of the law. A broken file stops the program."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from bancheng.kernel.registrations.rules.kinds import Channel, Filer, Kind, Motion, Role
from bancheng.kernel.registrations.rules.numbers import Gives
from bancheng.lib.dated import Row
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

DATA = Path(__file__).parent / "data"


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


@cache
def kinds() -> Mapping[str, Kind]:
    """Return the kinds of registration by code."""
    return {row["code"]: _kind(row) for row in _read("kinds.toml")["kind"]}


def _kind(row: dict[str, Any]) -> Kind:
    return Kind(
        code=row["code"],
        name=Text(row["name"], row["name_en"]),
        files=frozenset(Filer(each) for each in row["files"]),
        roles=frozenset(Role(each) for each in row["roles"]),
        consents=frozenset(Role(each) for each in row["consents"]),
        papers=tuple(row["papers"]),
        word=frozenset(Filer(each) for each in row.get("word", ())),
        promised=row["promised"],
        henan=row["henan"],
        amounts=row.get("amounts", False),
        owners=row.get("owners", False),
        gives=Gives(row["gives"]) if row["gives"] else None,
        law=row["law"],
        since=row["since"],
        own_motion=row.get("own_motion", False),
    )


@cache
def channels() -> Mapping[str, Channel]:
    """Return the ways in by code, in the order of the data (F13.11)."""
    return {
        row["code"]: Channel(row["code"], Text(row["name"], row["name_en"]), row.get("counter", False))
        for row in _read("channels.toml")["channel"]
    }


@cache
def remedies() -> Sequence[Row[Text]]:
    """Return how a decision of the office is contested, as letters say it, by the day from which it holds."""
    return [Row(row["since"], Text(row["says"], row["says_en"]), row["law"]) for row in _read("letters.toml")["remedy"]]


@cache
def own_motion() -> Sequence[Row[Motion]]:
    """Return how long the office waits before it corrects the book by itself, by the day from which it holds."""
    return [
        Row(row["since"], Motion(row["notice_days"], row["announced_days"]), row["law"])
        for row in _read("corrections.toml")["own_motion"]
    ]


def kind(code: str) -> Kind:
    """Return one kind. Raises Refused("unknown_kind")."""
    found = kinds().get(code)
    if found is None:
        raise Refused(
            "unknown_kind",
            f"没有“{code[:40]}”这种登记，没有提交。",
            en=f"There is no registration of kind “{code[:40]}”; nothing was filed.",
            status=422,
        )
    return found


def channel(code: str) -> Channel:
    """Return one channel. Raises Refused("unknown_channel")."""
    found = channels().get(code)
    if found is None:
        raise Refused(
            "unknown_channel",
            f"没有“{code[:40]}”这个申报渠道，没有提交。",
            en=f"There is no channel “{code[:40]}”; nothing was filed.",
            status=422,
        )
    return found
