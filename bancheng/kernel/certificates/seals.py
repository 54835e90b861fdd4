"""Whose key seals: one PEM file for each issuing unit, its private key, its certificate and those that lead to the authority.

A production brings its own folder (`BANCHENG_SEALS`): `<unit>.pem` for each unit that seals, `<unit>.png` or `.svg` with the
picture of its registered seal, and `roots.pem` with the authorities that are trusted, the time-stamping ones among them.
A demonstration makes a test authority and the units' keys as they are asked for, each file 0600; what they seal is marked 样章.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

from bancheng.lib import keyfile
from bancheng.lib.refusal import Refused

TEST_AUTHORITY = "办成样章测试根证书 Bancheng TEST authority"
AUTHORITY_FILE = "test-authority.pem"
# the test certificates do not depend on the day they are made: the demonstration's clock may stand anywhere in between
SINCE, BEFORE = datetime(2000, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC)
UNIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
NO_KEY = serialization.NoEncryption()
PICTURES = (".svg", ".png")


@dataclass(frozen=True)
class Keys:
    """What a unit seals with: PKCS #8 and DER, as the sealing library takes them."""

    key: bytes
    chain: Sequence[bytes]  # its own certificate first
    sample: bool
    picture: bytes = b""


def folder() -> Path:
    """Return the folder of the seals in use."""
    return Path(settings.SEALS or settings.VAR / "keys" / "seals")


def is_sample() -> bool:
    """Return whether the test authority seals: nobody has brought seals of his own."""
    return not settings.SEALS


def of_unit(unit: str, *, name: str) -> Keys:
    """Return the seal of the unit of that code; `name` is what a test seal is called that is made now.

    Raises Refused("no_seal") when it has none.
    """
    check_has(unit)
    path = folder() / f"{unit}.pem"
    data = keyfile.kept(path, lambda: _test_seal(name)) if is_sample() else path.read_bytes()
    key, chain = _read(path, data)
    picture = next((found.read_bytes() for end in PICTURES if (found := path.with_suffix(end)).exists()), b"")
    return Keys(key, chain, is_sample(), picture)


def has(unit: str) -> bool:
    """Return whether the unit can seal."""
    return UNIT.fullmatch(unit) is not None and (is_sample() or (folder() / f"{unit}.pem").exists())


def check_has(unit: str) -> None:
    """Raise Refused("no_seal") unless the unit can seal."""
    if not has(unit):
        raise _no_seal(unit)


def roots() -> list[bytes]:
    """Return the authorities that are trusted, DER."""
    if is_sample():
        path = folder() / AUTHORITY_FILE
        return _read(path, keyfile.kept(path, _test_authority))[1]
    path = folder() / "roots.pem"
    try:
        return [_der(each) for each in x509.load_pem_x509_certificates(path.read_bytes())]
    except ValueError as error:
        raise RuntimeError(f"{path} must hold the trusted certificates in PEM") from error


def roots_pem() -> bytes:
    """Return the trusted authorities for those who check a file without us."""
    found = (x509.load_der_x509_certificate(each) for each in roots())
    return b"".join(each.public_bytes(serialization.Encoding.PEM) for each in found)


def seal_lasts() -> dict[str, datetime]:
    """Return until when each unit's seal may seal, for `bancheng doctor`; opens no key."""
    found = {path.stem: path for path in folder().glob("*.pem") if path.name not in (AUTHORITY_FILE, "roots.pem")}
    return {
        unit: x509.load_pem_x509_certificates(path.read_bytes())[0].not_valid_after_utc
        for unit, path in sorted(found.items())
    }


def check_fit_for_production() -> None:
    """Raise RuntimeError when a production would seal with the test authority, or trusts nobody."""
    if not settings.PRODUCTION:
        return
    if is_sample():
        raise RuntimeError(
            "BANCHENG_SEALS is not set: production seals with its own keys (see docs/operate/settings.md)"
        )
    if not (folder() / "roots.pem").exists():
        raise RuntimeError(f"{folder()} holds no roots.pem: name the authorities that are trusted")
    names = [x509.load_der_x509_certificate(each).subject.rfc4514_string() for each in roots()]
    if any(TEST_AUTHORITY in name for name in names):
        raise RuntimeError("roots.pem holds the test authority of a demonstration: production must not trust it")


def _no_seal(unit: str) -> Refused:
    return Refused(
        "no_seal",
        f"发证单位（{unit}）还没有在本平台启用电子印章，未制作电子证照；证照本身不受影响，请使用纸质证照或联系发证单位。",
        en=f"The issuing unit ({unit}) has no electronic seal here yet, so no certificate was made. The licence itself is "
        "not affected: use the paper, or ask the unit.",
    )


def _read(path: Path, data: bytes) -> tuple[bytes, list[bytes]]:
    try:
        password = settings.SEALS_PASSWORD.encode() or None
        key = serialization.load_pem_private_key(data, password if b"ENCRYPTED" in data else None)
        chain = x509.load_pem_x509_certificates(data)
    except (ValueError, TypeError) as error:
        raise RuntimeError(f"{path} must hold a private key and its certificates in PEM") from error
    plain = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, NO_KEY)
    return plain, [_der(each) for each in chain]


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


# -- the test authority


def _authority() -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    data = keyfile.kept(folder() / AUTHORITY_FILE, _test_authority)
    key = serialization.load_pem_private_key(data, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key, x509.load_pem_x509_certificate(data)


def _test_authority() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(TEST_AUTHORITY)
    return _pem(key, _certificate(name, key, name, key, authority=True))


LONGEST_NAME = 52  # bytes, of the 64 that a common name may have: the mark takes twelve


def _test_seal(name: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    above, issuer = _authority()
    named = f"{name.encode()[:LONGEST_NAME].decode(errors='ignore')}（样章）"
    return _pem(key, _certificate(_name(named), key, issuer.subject, above, authority=False))


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    name: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    above: ec.EllipticCurvePrivateKey,
    *,
    authority: bool,
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(SINCE)
        .not_valid_after(BEFORE)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False)
        .sign(above, hashes.SHA256())
    )


def _pem(key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> bytes:
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, NO_KEY)
    return private + certificate.public_bytes(serialization.Encoding.PEM)
