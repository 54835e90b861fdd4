"""The page of a letter: `data/letter.typ`, behind what all sealed pages stand on."""

from pathlib import Path
from typing import Any

from bancheng.kernel.certificates import public as certificates
from bancheng.kernel.letters import rules
from bancheng.kernel.letters.words import Said
from bancheng.lib.text import Text

TEMPLATE = Path(__file__).parent / "data" / "letter.typ"


def said_of(said: Said, code: str) -> dict[str, Any]:
    """Return what the page says, Chinese first, English beneath."""
    return {
        "title": said.title.zh,
        "title_en": said.title.en,
        "unit_en": said.unit.name_en,
        "keywords": [f"{rules.MARK}{code}"],
        "number": said.number,
        "to": said.to,
        "sentences": [_both(one) for one in said.sentences],
        "rows": [{"name": _both(name), "value": _both(value)} for name, value in said.rows],
        "points": [_both(one) for one in said.points],
        "dated": certificates.day_zh(said.dated),
        "dated_en": said.dated.isoformat(),
        "code": rules.shown(code),
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": "" if text.en == text.zh else text.en}
