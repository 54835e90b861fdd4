"""What partner systems sign with: each algorithm a row of `VERIFY` and `SIGN`, and a public key read from what its owner hands in.

Which one applies follows the key, never a name in a header (land register's bank interface, decision 0032). SM2 is GB/T 32918 with SM3 and
the user id of GM/T 0009 unless another is agreed; its signatures travel as those of ECDSA do in RFC 9421: r and s, 32 bytes each.
What is kept of a public key ("material") is its shortest plain form: 32 bytes of Ed25519, x‖y of SM2, the point of P-256, DER of RSA.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from bancheng.lib.refusal import Garbled

try:
    import gmssl_pyx as sm2  # compiled: there are wheels for x86-64 only
except ImportError:  # pragma: no cover
    sm2 = None

HMAC, ED25519, P256, RSA_PSS, SM2 = "hmac-sha256", "ed25519", "ecdsa-p256-sha256", "rsa-pss-sha512", "sm2-sm3"
PUBLIC = (ED25519, P256, RSA_PSS, SM2)  # whose owner alone holds the secret
USER_ID = "1234567812345678"  # GM/T 0009-2012
SMALLEST_RSA, LARGEST_RSA = 2048, 4096  # bits; larger ones only cost us time
LONGEST = 4000  # characters of a public key as it is handed in
# SubjectPublicKeyInfo of a point on the SM2 curve (1.2.156.10197.1.301), which `cryptography` does not read
SM2_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
PSS = padding.PSS(padding.MGF1(hashes.SHA512()), 64)
P256_WAY = ec.ECDSA(hashes.SHA256())


@dataclass(frozen=True)
class Pair:
    """A new key: `private` as `SIGN` takes it, `public` as its owner hands it in (PEM)."""

    algorithm: str
    private: bytes
    public: str


def has_sm2() -> bool:
    """Return whether this machine can do SM2."""
    return sm2 is not None


# --- verifying


def _hmac(key: bytes, said: bytes, signature: bytes, _user: str) -> bool:
    return hmac.compare_digest(hmac.new(key, said, hashlib.sha256).digest(), signature)


def _ed25519(key: bytes, said: bytes, signature: bytes, _user: str) -> bool:
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, said)
    except (InvalidSignature, ValueError):
        return False
    return True


def _p256(key: bytes, said: bytes, signature: bytes, _user: str) -> bool:
    if len(signature) != 64:
        return False
    try:
        _point(key).verify(_der(signature), said, P256_WAY)
    except (InvalidSignature, ValueError):
        return False
    return True


def _rsa_pss(key: bytes, said: bytes, signature: bytes, _user: str) -> bool:
    try:
        _rsa(key).verify(signature, said, PSS, hashes.SHA512())
    except (InvalidSignature, ValueError):
        return False
    return True


def _sm2(key: bytes, said: bytes, signature: bytes, user: str) -> bool:
    if sm2 is None or len(signature) != 64:
        return False
    try:
        return bool(sm2.sm2_verify(key, said, _der(signature), signer_id=user.encode()))
    except (sm2.InvalidValueError, sm2.GmsslInnerError):
        return False


VERIFY: dict[str, Callable[[bytes, bytes, bytes, str], bool]] = {
    HMAC: _hmac,
    ED25519: _ed25519,
    P256: _p256,
    RSA_PSS: _rsa_pss,
    SM2: _sm2,
}


@lru_cache(maxsize=256)
def _point(key: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)


@lru_cache(maxsize=256)
def _rsa(key: bytes) -> rsa.RSAPublicKey:
    found = load_der_public_key(key)
    assert isinstance(found, rsa.RSAPublicKey)
    return found


def _der(signature: bytes) -> bytes:
    return utils.encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))


def plain(der: bytes) -> bytes:
    r, s = utils.decode_dss_signature(der)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


# --- signing


def sign(algorithm: str, key: bytes, said: bytes, *, user: str = USER_ID) -> bytes:
    """Return the signature of `said` by a private key (HMAC: the secret) of that algorithm."""
    if algorithm == HMAC:
        return hmac.new(key, said, hashlib.sha256).digest()
    if algorithm == ED25519:
        return ed25519.Ed25519PrivateKey.from_private_bytes(key).sign(said)
    if algorithm == SM2:
        return plain(sm2.sm2_sign(key[:32], key[32:], said, signer_id=user.encode()))
    private = _private(key)
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(said, PSS, hashes.SHA512())
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    return plain(private.sign(said, P256_WAY))


@lru_cache(maxsize=16)
def _private(key: bytes) -> PrivateKeyTypes:
    return load_der_private_key(key, None)  # an RSA key is checked as it is read: 60 ms


def pair(algorithm: str) -> Pair:
    """Return a new key of one of `PUBLIC`."""
    if algorithm == SM2:
        point, secret = sm2.sm2_key_generate()
        return Pair(SM2, secret + point, _pem(SM2_HEAD + point))
    made: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    if algorithm == ED25519:
        made = ed25519.Ed25519PrivateKey.generate()
        private = made.private_bytes_raw()
    else:
        made = (
            ec.generate_private_key(ec.SECP256R1())
            if algorithm == P256
            else rsa.generate_private_key(public_exponent=65537, key_size=2048)
        )
        private = made.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    der = made.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Pair(algorithm, private, _pem(der))


def _pem(der: bytes) -> str:
    text = base64.b64encode(der).decode()
    lines = "\n".join(text[n : n + 64] for n in range(0, len(text), 64))
    return f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"


# --- reading a public key


def read_public(text: str) -> tuple[str, bytes]:
    """Return the algorithm and material of a public key: PEM, its base64 alone, or 32 bytes of Ed25519 in base64.

    Raises Garbled, with the reason in English, for what is none or is too weak.
    """
    lines = [line.strip() for line in text.strip().splitlines() if not line.startswith("-----")]
    if len(text) > LONGEST or "PRIVATE KEY" in text:
        raise Garbled("that is not a public key")
    try:
        der = base64.b64decode("".join(lines), validate=True)
    except (binascii.Error, ValueError):
        raise Garbled("a public key is PEM or base64") from None
    if len(der) == 32:
        return ED25519, der
    if der.startswith(SM2_HEAD):
        return SM2, _on_curve(der[len(SM2_HEAD) :])
    return _known(der)


def _on_curve(point: bytes) -> bytes:
    if sm2 is None:
        raise Garbled("this machine has no SM2")
    try:
        return bytes(sm2.normalize_sm2_public_key(point))
    except (sm2.InvalidValueError, sm2.GmsslInnerError):
        raise Garbled("the point is not on the SM2 curve") from None


def _known(der: bytes) -> tuple[str, bytes]:
    try:
        key = load_der_public_key(der)
    except Exception:  # the library raises a kind of its own for each way a key can be wrong
        raise Garbled("that is not a public key") from None
    if isinstance(key, ed25519.Ed25519PublicKey):
        return ED25519, key.public_bytes_raw()
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return P256, key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    if isinstance(key, rsa.RSAPublicKey) and SMALLEST_RSA <= key.key_size <= LARGEST_RSA:
        return RSA_PSS, key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    raise Garbled("Ed25519, ECDSA P-256, RSA of 2048 to 4096 bits, or SM2")


def fingerprint(material: bytes) -> str:
    """Return what people compare of a key: SHA-256 of its material, in groups of four."""
    text = hashlib.sha256(material).hexdigest()[:32]
    return " ".join(text[n : n + 4] for n in range(0, 32, 4))
