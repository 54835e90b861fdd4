"""Sealing a PDF and checking a seal: PAdES, B-B or with a time-stamp B-T.

The seal certifies the document and allows no change; it has no picture of its own, because a picture would bring in a face that is
not embedded and break PDF/A: the round seal one sees is part of the page. The sealing library takes a second and 40 MB to load,
so it is loaded by whoever seals or checks, not by every process that knows this part.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bancheng.kernel.certificates import tsa
from bancheng.kernel.certificates.facts import Seal
from bancheng.kernel.certificates.seals import Keys

FIELD = "seal"
# hex digits kept for the seal, and for a stamp with its authority's chain: measuring them first would cost a second sealing
SEAL_DIGITS, STAMP_DIGITS = 4_096, 24_576


@dataclass(frozen=True)
class Sealed:
    """A sealed file, and when the time-stamping authority saw it."""

    data: bytes
    stamped_at: datetime | None


def seal(
    data: bytes, keys: Keys, *, unit_name: str, at: datetime, tsa_url: str = "", reason: str = "制发电子证照"
) -> Sealed:
    """Return `data` sealed as of `at`, for `reason`; raises Unavailable when the time-stamping authority does not answer."""
    from asn1crypto import keys as asn1_keys
    from asn1crypto import x509
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    own, *above = [x509.Certificate.load(each) for each in keys.chain]
    signer = signers.SimpleSigner(
        signing_cert=own,
        signing_key=asn1_keys.PrivateKeyInfo.load(keys.key),
        cert_registry=SimpleCertificateStore.from_certs(above),  # type: ignore[no-untyped-call]  # the library tells none here
    )
    how = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        subfilter=fields.SigSeedSubFilter.PADES,
        name=unit_name,
        reason=reason,
    )
    stamper = tsa.stamper(tsa_url) if tsa_url else None
    field = fields.SigFieldSpec(FIELD, readable_field_name="电子印章")
    pdf_signer = signers.PdfSigner(how, signer, timestamper=stamper, new_field_spec=field)
    return Sealed(
        _signed(pdf_signer, IncrementalPdfFileWriter(io.BytesIO(data)), at, _digits(keys, bool(stamper))),
        stamper.at if stamper else None,
    )


def _digits(keys: Keys, stamped: bool) -> int:
    return SEAL_DIGITS + 2 * sum(map(len, keys.chain)) + stamped * STAMP_DIGITS


def _signed(pdf_signer: Any, writer: Any, at: datetime, digits: int) -> bytes:
    """Return what `sign_pdf` would, with the time of our clock: the library reads the wall's when it opens a session."""
    begin = pdf_signer.init_signing_session

    def session(*args: Any, **values: Any) -> Any:
        begun = begin(*args, **values)
        begun.system_time = at
        return begun

    pdf_signer.init_signing_session = session
    out = io.BytesIO()
    pdf_signer.sign_pdf(writer, bytes_reserved=digits, output=out)
    return out.getvalue()


def check(data: bytes, *, roots: Sequence[bytes], at: datetime) -> Seal | None:
    """Return what the file's one seal is worth, its certificate judged as of `at`; None when there is no seal to be read.

    Nothing is fetched: neither a list of withdrawn certificates nor any other.
    """
    from asn1crypto import x509
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    trusted = ValidationContext(
        trust_roots=[x509.Certificate.load(each) for each in roots], allow_fetching=False, moment=at
    )
    try:
        found = PdfFileReader(io.BytesIO(data)).embedded_signatures
        if len(found) != 1:
            return None
        status = validate_pdf_signature(found[0], trusted)
    except (PdfError, ValueError, KeyError, TypeError):  # what is torn is no seal
        return None
    stamp = status.timestamp_validity
    return Seal(
        intact=status.intact and status.valid,
        trusted=status.trusted,
        whole=status.coverage is SignatureCoverageLevel.ENTIRE_FILE and status.bottom_line,
        signer=str(status.signing_cert.subject.native.get("common_name", "")),
        stamped_at=stamp.timestamp if stamp and stamp.valid and stamp.trusted else None,
    )
