"""The demonstration's payment keys: the site has the merchant's, the simulated channel the platform's. Made once, by whoever comes first.

Real channels give the platform's public key and take the merchant's; nobody there has both.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from bancheng.lib import keyfile

MERCHANT, SERIAL = "1900000109", "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
APP_ID, PLATFORM_SERIAL = "wxd678efh567hg6787", "PUB_KEY_ID_0119000001092024112700389600000001"
APP_SECRET = "29ac356ed832de7d9dd3a1dec2bd4d04"  # the simulated app's: worth nothing anywhere else
ALIPAY_APP, SELLER = "2014072300007148", "2088102146225135"


@dataclass(frozen=True)
class Pair:
    """An RSA key as PEM texts."""

    private: str
    public: str


@dataclass(frozen=True)
class Keys:
    """All that both sides of one channel need."""

    merchant: Pair
    platform: Pair
    apiv3: str


def keys(var: Path, channel: str) -> Keys:
    """Return the demonstration's keys of a channel, kept in `var/keys/pay`."""
    folder = var / "keys" / "pay"
    apiv3 = keyfile.kept(folder / f"{channel}_apiv3", lambda: os.urandom(16).hex().encode()).decode()
    return Keys(_pair(folder / f"{channel}_merchant"), _pair(folder / f"{channel}_platform"), apiv3)


def _pair(path: Path) -> Pair:
    private = keyfile.kept(path.with_suffix(".pem"), _made)
    # made below, by ourselves: to check it anew takes each process that starts a fifth of a second
    ours = load_pem_private_key(private, None, unsafe_skip_rsa_key_validation=True)
    public = ours.public_key()
    return Pair(private.decode(), public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def _made() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
