"""How applications, certificates and letters are numbered."""

import re
from datetime import date
from enum import StrEnum

from bancheng.lib.text import Text


class Gives(StrEnum):
    """What a registration ends with."""

    TITLE = "title"  # 不动产权证书
    PROOF = "proof"  # 不动产登记证明


PAPERS = {
    Gives.TITLE: Text("不动产权证书", "Real Estate Title Certificate"),
    Gives.PROOF: Text("不动产登记证明", "Proof of Real Estate Registration"),
}
WORDS = {Gives.TITLE: "不动产权", Gives.PROOF: "不动产证明"}
LETTER = "不动产登记文书"
_NUMBER = re.compile(r"(.{1,2})[(（](\d{4})[)）](.{1,20}?)(不动产权|不动产证明|不动产登记文书)第(\d{1,12})号")


def application(region: str, on: date, running: int) -> str:
    """Return the number of an application: one space for all channels (F13.11); running numbers may have gaps.

    411000-20261127-BDC0000123
    """
    return f"{region}-{on:%Y%m%d}-BDC{running:07d}"


def certificate(kind: Gives, *, province: str, place: str, year: int, seq: int) -> str:
    """Return a certificate's number: 豫(2025)襄城县不动产证明第0000001号."""
    return f"{province}({year}){place}{WORDS[kind]}第{seq:07d}号"


def letter(*, province: str, place: str, year: int, seq: int) -> str:
    """Return a letter's number: 豫(2026)襄城县不动产登记文书第0000001号."""
    return f"{province}({year}){place}{LETTER}第{seq:07d}号"


def read(text: str) -> str:
    """Return a typed number of a certificate or a letter in its one form; "" when it is none."""
    found = _NUMBER.fullmatch(re.sub(r"\s", "", text[:80]))
    if not found:
        return ""
    province, year, place, word, digits = found.groups()
    return f"{province}({year}){place}{word}第{int(digits):07d}号"
