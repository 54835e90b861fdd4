"""The pages of certificates (`data/paper.typ`) and letters (`data/letter.typ`), behind what all sealed pages stand on."""

from pathlib import Path
from typing import Any

from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.registrations.models import Certificate, Letter
from bancheng.kernel.registrations.rules.letters import TITLES
from bancheng.kernel.registrations.rules.numbers import PAPERS, Gives
from bancheng.kernel.registrations.rules.words import Act
from bancheng.kernel.titles import public as titles
from bancheng.lib.days import day_of

DATA = Path(__file__).parent / "data"
TEMPLATE, LETTER = DATA / "paper.typ", DATA / "letter.typ"
MARK = "bancheng-registration:"  # stands before the code among the file's keywords
LETTER_MARK = "bancheng-registration-letter:"


def said_of(row: Certificate, said: dict[str, Any], *, unit_en: str) -> dict[str, Any]:
    """Return what the page says."""
    name = PAPERS[Gives(row.kind)]
    dated = day_of(row.allotted_at)
    return {
        "title": f"{name.zh} {row.number}",
        "name": name.zh,
        "name_en": name.en,
        "number": row.number,
        "unit_en": unit_en,
        "keywords": [f"{MARK}{row.code}"],
        "rows": [{"zh": zh, "en": en, "value": value} for zh, en, value in said["rows"]],
        "annex": [titles.spaced(lot) for lot in row.lots] if len(row.lots) > 3 else [],
        "law": LAWS[Gives(row.kind)],
        "dated": certificates.day_zh(dated),
        "dated_en": dated.isoformat(),
        "code": certificates.shown_code(row.code),
    }


def letter_said_of(row: Letter, said: dict[str, Any], *, unit_en: str) -> dict[str, Any]:
    """Return what the page of a letter says."""
    name = TITLES[Act(row.kind)]
    return {
        **said,
        "title": name.zh,
        "title_en": name.en,
        "number": row.number,
        "unit_en": unit_en,
        "keywords": [f"{LETTER_MARK}{row.code}"],
        "dated": certificates.day_zh(row.dated),
        "dated_en": row.dated.isoformat(),
        "code": certificates.shown_code(row.code),
    }


LAWS = {
    Gives.TITLE: "根据《中华人民共和国民法典》等法律法规，为保护不动产权利人合法权益，对不动产权利人申请登记的本证所列不动产权利，经审查核实，准予登记，颁发此证。",
    Gives.PROOF: "根据《中华人民共和国民法典》等法律法规，为保护申请人合法权益，对申请人申请登记的本证明所列不动产权利或登记事项，经审查核实，准予登记，颁发此证明。",
}
