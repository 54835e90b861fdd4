"""The code on a post: the socket's number and a signature that only we can make (X17, B1.1).

It tells a printed code of ours from one that somebody made up. A code of ours copied onto another post is still ours: against that the page
shows number and place, and asks to compare.
"""

import hmac

from bancheng.lib import signing

LENGTH = 10
MARK = "."


def printed(code: str, *, secret: bytes, region: str) -> str:
    """Return what is printed for a socket: `XC01-03.7c1f0a9be2`."""
    return f"{code}{MARK}{_signature(code, secret=secret, region=region)}"


def read(printed_code: str, *, secrets: tuple[bytes, ...], region: str) -> str | None:
    """Return the socket's number when the signature is ours, made with any of `secrets`; None for anything else."""
    code, _, given = printed_code.rpartition(MARK)
    if not code or not given.isascii():
        return None
    right = any(hmac.compare_digest(_signature(code, secret=secret, region=region), given) for secret in secrets)
    return code if right else None


def _signature(code: str, *, secret: bytes, region: str) -> str:
    return signing.token(secret=secret, text=f"sockets.code:{region}:{code}", length=LENGTH)
