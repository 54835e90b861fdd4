"""The six banks of the demonstration and their keys: the simulated banks sign with them, the site is given the public halves. Made once, by whoever comes first.

Real banks hand in a public key and prove that they have its secret; nobody here ever has both.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

from bancheng.lib import keyfile, sigalgs
from bancheng.lib.sigalgs import ED25519, P256, RSA_PSS, SM2, Pair


@dataclass(frozen=True)
class Bank:
    """A bank of the demonstration: its unit in the pack, and how its system signs."""

    unit: str
    algorithm: str
    user: str = sigalgs.USER_ID  # of SM2, where another is agreed


BANKS = (
    Bank("boc", SM2),
    Bank("abc", ED25519),
    Bank("icbc", P256),
    Bank("ccb", RSA_PSS),
    Bank("psbc", SM2, user="psbc-xiangcheng"),
    Bank("rcb", P256),
)


@dataclass(frozen=True)
class Held:
    """A bank with its key."""

    bank: Bank
    algorithm: str  # P-256 instead of SM2 on a machine that has none
    private: bytes = field(repr=False)
    public: str


def held(var: Path, bank: Bank) -> Held:
    """Return a bank's key, kept in `var/keys/banks`."""
    algorithm = bank.algorithm if bank.algorithm != SM2 or sigalgs.has_sm2() else P256
    said = json.loads(keyfile.kept(_folder(var) / f"{bank.unit}-{algorithm}.json", lambda: _made(algorithm)))
    return Held(bank, algorithm, bytes.fromhex(said["private"]), said["public"])


def _made(algorithm: str) -> bytes:
    pair: Pair = sigalgs.pair(algorithm)
    return json.dumps({"private": pair.private.hex(), "public": pair.public}).encode()


def _folder(var: Path) -> Path:
    return var / "keys" / "banks"


def tell_key_id(var: Path, unit: str, key_id: str) -> None:
    """Let a bank know the id that its key was given."""
    path = _folder(var) / f"{unit}.id"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(key_id, encoding="utf-8")


def key_id(var: Path, unit: str) -> str:
    """Return the id of a bank's key, "" while it has none."""
    path = _folder(var) / f"{unit}.id"
    return path.read_text(encoding="utf-8") if path.exists() else ""
