"""Every algorithm by its published example, then every change of a signed request refused, then answers of ours."""

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bancheng.lib import httpsig, sigalgs
from bancheng.lib.httpsig import Message
from bancheng.lib.refusal import Garbled
from bancheng.lib.sigalgs import ED25519, HMAC, P256, RSA_PSS, SM2

NOW = 1_800_000_000
URL = "https://city.example/api/v1/mortgages/applications?after=7&limit=2"
BODY = '{"loan_no": "贷2026-1", "principal_fen": 48000000}'.encode()
KEYS = {HMAC: sigalgs.Pair(HMAC, b"k" * 32, ""), **{name: sigalgs.pair(name) for name in sigalgs.PUBLIC}}
MATERIAL = {name: pair.private if name == HMAC else sigalgs.read_public(pair.public)[1] for name, pair in KEYS.items()}


def test_the_standard_s_own_example_of_sm2_verifies() -> None:
    """GB/T 32918.5-2017 annex A: curve, key, user id 1234567812345678, message and signature of the standard."""
    point = bytes.fromhex(
        "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
    )
    signature = bytes.fromhex(
        "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
        "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
    )
    verify = sigalgs.VERIFY[SM2]
    assert verify(point, b"message digest", signature, sigalgs.USER_ID)
    assert not verify(point, b"message digest", signature, "ALICE123@YAHOO.COM")
    assert not verify(point, b"message digest.", signature, sigalgs.USER_ID)


def test_openssl_and_we_believe_each_other_s_sm2(tmp_path: Path) -> None:
    """Another implementation than ours: what we sign it verifies, and the key it makes we read."""
    openssl = shutil.which("openssl")
    if (
        openssl is None
        or b"SM2" not in subprocess.run([openssl, "ecparam", "-list_curves"], capture_output=True).stdout
    ):
        pytest.skip("no openssl with SM2 here")
    key, public = tmp_path / "key.pem", tmp_path / "public.pem"
    said, proof = tmp_path / "said", tmp_path / "proof"
    said.write_bytes(b"what was said")
    how = ["-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{sigalgs.USER_ID}"]
    for command in (
        ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", key],
        ["pkey", "-in", key, "-pubout", "-out", public],
        ["pkeyutl", "-sign", "-inkey", key, "-in", said, "-out", proof, *how],
    ):
        subprocess.run([openssl, *map(str, command)], check=True, capture_output=True)
    name, material = sigalgs.read_public(public.read_text())
    assert name == SM2
    assert sigalgs.VERIFY[SM2](material, said.read_bytes(), sigalgs.plain(proof.read_bytes()), sigalgs.USER_ID)
    pair = sigalgs.pair(SM2)
    public.write_text(pair.public)
    proof.write_bytes(sigalgs._der(sigalgs.sign(SM2, pair.private, said.read_bytes())))
    verified = [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", public, "-in", said, "-sigfile", proof, *how]
    assert b"Success" in subprocess.run([*map(str, verified)], capture_output=True).stdout


def test_the_published_rsa_pss_example_verifies() -> None:
    """RFC 9421 B.1.2 (test-key-rsa-pss) and B.2.1."""
    public = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----"""
    name, material = sigalgs.read_public(public)
    proof = base64.b64decode(
        "d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7Ch"
        "G52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxV"
        "rogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ss"
        "inQ98Xw9Q=="
    )
    said = b'"@signature-params": ();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"'
    assert name == RSA_PSS
    assert sigalgs.VERIFY[RSA_PSS](material, said, proof, "")
    assert not sigalgs.VERIFY[RSA_PSS](material, said + b" ", proof, "")


# --- requests


def signed(algorithm: str, *, at: int = NOW, user: str = sigalgs.USER_ID) -> Message:
    headers = {"Idempotency-Key": "loan-2026-1", "Bank-Id": "boc"}
    asked = Message.to("POST", URL, body=BODY, headers=headers)
    head = httpsig.sign(
        asked, key_id="boc-1", key=KEYS[algorithm].private, at=at, nonce="n" * 16, algorithm=algorithm, user=user
    )
    return Message.to("POST", URL, body=BODY, headers={**headers, **head})


def checked(message: Message, algorithm: str, *, now: int = NOW, key: bytes = b"", user: str = sigalgs.USER_ID) -> None:
    key = key or MATERIAL[algorithm]
    httpsig.check(httpsig.read(message), message, algorithm=algorithm, key=key, now=now, user=user)


def changed(message: Message, **over: object) -> Message:
    return Message(**{**vars(message), **over})  # type: ignore[arg-type]


def head(message: Message, **over: str) -> Message:
    return changed(
        message, headers={**message.headers, **{name.replace("_", "-"): said for name, said in over.items()}}
    )


def said(message: Message, old: str, new: str) -> Message:
    was = message.headers["signature-input"]
    assert old in was, old
    return head(message, signature_input=was.replace(old, new))


def without(message: Message, name: str) -> Message:
    return changed(message, headers={n: value for n, value in message.headers.items() if n != name})


def flipped(message: Message, bit: int) -> Message:
    proof = bytearray(base64.b64decode(message.headers["signature"][6:-1]))
    proof[bit // 8 % len(proof)] ^= 1 << bit % 8
    return head(message, signature=f"sig1=:{base64.b64encode(proof).decode()}:")


def cut(message: Message, count: int) -> Message:
    proof = base64.b64decode(message.headers["signature"][6:-1])
    proof = proof[:-count] if count > 0 else proof + bytes(-count)
    return head(message, signature=f"sig1=:{base64.b64encode(proof).decode()}:")


MUTATIONS = {
    "method": lambda m: changed(m, method="PUT"),
    "method to get": lambda m: changed(m, method="GET"),
    "path": lambda m: changed(m, path="/api/v1/mortgages/batches"),
    "path with a slash more": lambda m: changed(m, path=m.path + "/"),
    "path in capitals": lambda m: changed(m, path=m.path.upper()),
    "path to another bank's thing": lambda m: changed(m, path="/api/v1/mortgages/applications/2"),
    "query gone": lambda m: changed(m, query=""),
    "query longer": lambda m: changed(m, query=m.query + "&limit=500"),
    "query turned round": lambda m: changed(m, query="limit=2&after=7"),
    "query other": lambda m: changed(m, query="after=8&limit=2"),
    "body a digit more": lambda m: changed(m, body=BODY.replace(b"48000000", b"480000000")),
    "body with a blank more": lambda m: changed(m, body=BODY + b" "),
    "body empty": lambda m: changed(m, body=b""),
    "body other": lambda m: changed(m, body=b"{}"),
    "digest other": lambda m: head(m, content_digest=httpsig.digest(b"x")),
    "digest of the other body": lambda m: head(changed(m, body=b"{}"), content_digest=httpsig.digest(b"{}")),
    "digest of another kind": lambda m: head(m, content_digest="sha-512=:AAAA:"),
    "digest empty": lambda m: head(m, content_digest=""),
    "digest gone": lambda m: without(m, "content-digest"),
    "idempotency key other": lambda m: head(m, idempotency_key="loan-2026-2"),
    "idempotency key gone": lambda m: without(m, "idempotency-key"),
    "bank other": lambda m: head(m, bank_id="icbc"),
    "bank gone": lambda m: without(m, "bank-id"),
    "created later": lambda m: said(m, f"created={NOW}", f"created={NOW + 1}"),
    "created earlier": lambda m: said(m, f"created={NOW}", f"created={NOW - 1}"),
    "expires later": lambda m: said(m, f"expires={NOW + 300}", f"expires={NOW + 301}"),
    "expires far": lambda m: said(m, f"expires={NOW + 300}", "expires=9999999999"),
    "expires gone": lambda m: said(m, f";expires={NOW + 300}", ""),
    "nonce other": lambda m: said(m, "n" * 16, "m" * 16),
    "nonce short": lambda m: said(m, "n" * 16, "n"),
    "nonce gone": lambda m: said(m, f';nonce="{"n" * 16}"', ""),
    "keyid other": lambda m: said(m, "boc-1", "boc-2"),
    "keyid gone": lambda m: said(m, ';keyid="boc-1"', ""),
    "algorithm named": lambda m: said(m, ";keyid", ';alg="none";keyid'),
    "parameter added": lambda m: head(m, signature_input=m.headers["signature-input"] + ';tag="x"'),
    "parameter twice": lambda m: head(m, signature_input=m.headers["signature-input"] + f";created={NOW}"),
    "parameters turned round": lambda m: said(
        m, f"created={NOW};expires={NOW + 300}", f"expires={NOW + 300};created={NOW}"
    ),
    "method not signed": lambda m: said(m, '"@method" ', ""),
    "path not signed": lambda m: said(m, '"@path" ', ""),
    "query not signed": lambda m: said(m, ' "@query"', ""),
    "digest not signed": lambda m: said(m, ' "content-digest"', ""),
    "idempotency key not signed": lambda m: said(m, ' "idempotency-key"', ""),
    "bank not signed": lambda m: said(m, ' "bank-id"', ""),
    "component more": lambda m: said(m, '"@method"', '"@method" "@authority"'),
    "component twice": lambda m: said(m, '"@method"', '"@method" "@method"'),
    "components turned round": lambda m: said(m, '"@method" "@path"', '"@path" "@method"'),
    "component that is not there": lambda m: said(m, '"@method"', '"@method" "x-other"'),
    "label other": lambda m: said(m, "sig1=", "sig2="),
    "two signatures": lambda m: head(m, signature=m.headers["signature"] + ", " + m.headers["signature"]),
    "signature gone": lambda m: without(m, "signature"),
    "input gone": lambda m: without(m, "signature-input"),
    "signature empty": lambda m: head(m, signature="sig1=::"),
    "signature no base64": lambda m: head(m, signature="sig1=:%%%%:"),
    "signature all zero": lambda m: head(m, signature=f"sig1=:{base64.b64encode(bytes(64)).decode()}:"),
    "signature a byte short": lambda m: cut(m, 1),
    "signature a byte long": lambda m: cut(m, -1),
    **{f"bit {bit} of the signature": lambda m, bit=bit: flipped(m, bit) for bit in (0, 7, 100, 255, 256, 300, 511)},
}


@pytest.mark.parametrize("algorithm", KEYS)
def test_what_is_signed_is_believed(algorithm: str) -> None:
    checked(signed(algorithm), algorithm)


@pytest.mark.parametrize("what", MUTATIONS)
@pytest.mark.parametrize("algorithm", KEYS)
def test_no_part_of_a_signed_request_may_change(algorithm: str, what: str) -> None:
    """F13.9: sixty-three changes of each algorithm's request, none believed."""
    other = MUTATIONS[what](signed(algorithm))
    with pytest.raises(Garbled):
        checked(other, algorithm)


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_key_of_another_and_another_time_are_not_believed(algorithm: str) -> None:
    message = signed(algorithm)
    other = b"?" * 32 if algorithm == HMAC else sigalgs.read_public(sigalgs.pair(algorithm).public)[1]
    for how in ({"key": other}, {"now": NOW + 301}, {"now": NOW - 301}):
        with pytest.raises(Garbled):
            checked(message, algorithm, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("algorithm", sigalgs.PUBLIC)
def test_the_algorithm_follows_the_key(algorithm: str) -> None:
    """A public key is no shared secret: whoever knows it signs nothing with it."""
    asked = Message.to("POST", URL, body=BODY)
    forged = httpsig.sign(asked, key_id="boc-1", key=MATERIAL[algorithm], at=NOW, nonce="n" * 16)
    message = Message.to("POST", URL, body=BODY, headers=forged)
    for one in (message, said(message, ';alg="hmac-sha256"', "")):
        with pytest.raises(Garbled):
            checked(one, algorithm)


def test_an_agreed_user_id_is_part_of_what_sm2_signs() -> None:
    message = signed(SM2, user="bank-of-xuchang")
    checked(message, SM2, user="bank-of-xuchang")
    with pytest.raises(Garbled):
        checked(message, SM2)


# --- keys as they are handed in


@pytest.mark.parametrize("algorithm", sigalgs.PUBLIC)
def test_a_public_key_is_read_as_pem_or_as_its_base64(algorithm: str) -> None:
    text = KEYS[algorithm].public
    bare = "".join(line for line in text.splitlines() if not line.startswith("-----"))
    assert sigalgs.read_public(text) == sigalgs.read_public(bare) == (algorithm, MATERIAL[algorithm])
    assert len(sigalgs.fingerprint(MATERIAL[algorithm])) == 39


def spki(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not a key",
        "AAAA",
        "A" * 5000,
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        base64.b64encode(sigalgs.SM2_HEAD + b"\1" * 64).decode(),
        spki(ec.generate_private_key(ec.SECP384R1())),
        spki(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
    ],
)
def test_what_is_no_key_or_a_weak_one_is_not_taken(text: str) -> None:
    with pytest.raises(Garbled):
        sigalgs.read_public(text)


# --- answers


def test_an_answer_is_ours_for_that_request_only() -> None:
    house, asked = KEYS[ED25519], signed(P256).headers["signature"]
    keys = {"house-1": MATERIAL[ED25519]}
    found = httpsig.sign_answer(status=202, body=b'{"id":1}', asked=asked, key_id="house-1", key=house.private, at=NOW)
    whole = {"status": 202, "body": b'{"id":1}', "asked": asked, "keys": keys, "now": NOW}
    httpsig.check_answer(found, **whole)  # type: ignore[arg-type]
    for over in (
        {"status": 200},
        {"body": b'{"id":2}'},
        {"asked": signed(P256).headers["signature"].replace(":", ":A", 1)},
        {"keys": {}},
        {"keys": {"house-1": b"?" * 32}},
        {"now": NOW + 301},
    ):
        with pytest.raises(Garbled):
            httpsig.check_answer(found, **{**whole, **over})  # type: ignore[arg-type]
    for name in found:
        with pytest.raises(Garbled):
            httpsig.check_answer({n: v for n, v in found.items() if n != name}, **whole)  # type: ignore[arg-type]
