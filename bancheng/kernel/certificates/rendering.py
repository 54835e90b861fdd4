"""Sealed pages set by typst, in the faces of the font wheel and in no other: `data/certificate.typ`, and those of other parts.

PDF/A-2a and PDF/UA-1: it can be archived and read aloud, and every letter is embedded; a name with a character that the faces
do not have is refused, never printed as a box. About 30 ms a page once the faces are read; the job does it, not a request.
"""

import io
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn as faces
import segno
import typst
from django.utils import timezone

from bancheng.kernel.certificates import rules
from bancheng.kernel.certificates.rules import Content
from bancheng.lib.refusal import Refused
from bancheng.lib.text import Text

DATA = Path(__file__).parent / "data"
TEMPLATE, COMMON = DATA / "certificate.typ", DATA / "sealed.typ"
STANDARDS: list[Any] = ["a-2a", "ua-1"]
QR_DARK = "#1b2430"
_one_at_a_time = threading.Lock()  # a worker's threads share the compiler and with it the faces it has read


@dataclass(frozen=True)
class Words:
    """What the page says besides the licence itself."""

    licence_name: Text
    unit_name: str
    address: str  # of the page behind the code
    code: str
    number: int
    sample: bool
    picture: bytes = b""  # of the unit's seal, SVG or PNG


def render(content: Content, words: Words, *, at: datetime) -> bytes:
    """Return the page as an unsealed PDF; the same arguments give the same bytes.

    Raises Refused("certificate_unprintable") when the faces lack a character of it.
    """
    return typeset(TEMPLATE.read_bytes(), said_of(content, words, at), at=at)


def typeset(template: bytes, said: Mapping[str, Any], *, at: datetime) -> bytes:
    """Return a page as an unsealed PDF: the template, behind what all sealed pages stand on, with what it says.

    The same arguments give the same bytes. Raises Refused("certificate_unprintable") when the faces lack a character of it.
    """
    with _one_at_a_time:
        try:
            made = _compiler().compile(
                input=COMMON.read_bytes() + template,
                format="pdf",
                sys_inputs={"said": json.dumps(said, ensure_ascii=False)},
                pdf_standards=STANDARDS,
                timestamp=int(at.timestamp()),
            )
        except typst.TypstError as error:
            if "could not be displayed" not in error.message:
                raise
            raise _unprintable() from error
    assert isinstance(made, bytes)
    return made


def fonts() -> list[str]:
    """Return the families that pages are set in."""
    return list(_faces().families())


def _unprintable() -> Refused:
    return Refused(
        "certificate_unprintable",
        "内容中有字库里没有的字，未制作盖章文件，证照和办件本身不受影响；请联系发证单位或平台运维补充字库。",
        en="It holds a character that the fonts lack, so no sealed file was made; the licence or case itself is not affected. "
        "Please tell the issuing unit or the platform's operators.",
    )


def said_of(content: Content, words: Words, at: datetime) -> dict[str, Any]:
    """Return what the page of a certificate says."""
    made = timezone.localtime(at)
    rows = [
        ("证号", "Number", content.number),
        ("持证人", "Holder", content.holder_name),
        ("发证单位", "Issued by", words.unit_name),
        ("有效期", "Validity", rules.term(content.valid_from, content.valid_to)),
        ("发证日期", "Issued on", rules.day_zh(content.issued_on)),
        *([("备注", "Note", "以告知承诺方式取得")] if content.on_promise else []),
    ]
    return {
        "title": f"{words.licence_name.zh} {content.number}",
        "keywords": [f"{rules.MARK}{words.code}"],
        "unit": words.unit_name,
        "name": words.licence_name.zh,
        "name_en": words.licence_name.en,
        "rows": [{"zh": zh, "en": en, "value": value} for zh, en, value in rows],
        "qr": qr(words.address),
        "address": words.address,
        "code": rules.shown_code(words.code),
        "issued": rules.day_zh(content.issued_on),
        "made": f"第{words.number}版，{rules.day_zh(made.date())} {made:%H:%M} 制作",
        "sample": words.sample,
        "picture": list(words.picture),
    }


def qr(address: str) -> str:
    """Return the QR code of an address as SVG."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", border=0, dark=QR_DARK, xmldecl=False)
    return out.getvalue().decode()


@cache
def _faces() -> typst.Fonts:
    folder = str(faces.sans_path().parent)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(font_paths=_faces(), ignore_system_fonts=True)
