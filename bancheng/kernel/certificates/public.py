"""The face of certificates: ask for one, fetch one's own, look one up by its code, examine a file."""

from bancheng.kernel.certificates.facts import Certificate, Examined, Seal, made
from bancheng.kernel.certificates.operations import ask, fetch, make
from bancheng.kernel.certificates.queries import being_made, by_code, examine, held_by
from bancheng.kernel.certificates.rendering import fonts, qr
from bancheng.kernel.certificates.rules import SAYS, Standing, day_zh, make_code, read_code, shown_code
from bancheng.kernel.certificates.sealing import Sheet, sheet
from bancheng.kernel.certificates.sealing import check as check_seal
from bancheng.kernel.certificates.seals import Keys, has, is_sample, roots, roots_pem, seal_lasts

__all__ = [
    "SAYS",
    "Certificate",
    "Examined",
    "Keys",
    "Seal",
    "Sheet",
    "Standing",
    "ask",
    "being_made",
    "by_code",
    "check_seal",
    "day_zh",
    "examine",
    "fetch",
    "fonts",
    "has",
    "held_by",
    "is_sample",
    "made",
    "make",
    "make_code",
    "qr",
    "read_code",
    "roots",
    "roots_pem",
    "seal_lasts",
    "sheet",
    "shown_code",
]
