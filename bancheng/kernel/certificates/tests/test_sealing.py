"""The file: its letters, its seal, its stamp, and what a flipped byte does to it."""

import re
import stat
import zlib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bancheng.kernel.certificates import pades, rendering, rules, seals
from bancheng.kernel.certificates.rules import Content
from bancheng.kernel.certificates.tests.authority import STAMPS, authority
from bancheng.kernel.certificates.tests.conftest import AT
from bancheng.lib.refusal import Refused, Unavailable
from bancheng.lib.text import Text

CONTENT = Content(
    "food-business", "JY14110020012345", "market", "张三丰", date(2024, 3, 1), date(2024, 3, 1), date(2029, 2, 28)
)
CODE = "7K3M9QXDAB12WXYZ"
WORDS = rendering.Words(
    Text("食品经营许可证", "Food business licence"),
    "许昌市市场监督管理局",
    f"https://example.org/v/{CODE}",
    CODE,
    1,
    sample=True,
)


def page(**over: Any) -> bytes:
    return rendering.render(Content(**(vars(CONTENT) | over)), WORDS, at=AT)


def sealed(tsa_url: str = "") -> pades.Sealed:
    return pades.seal(
        page(), seals.of_unit("market", name="市场监管局"), unit_name=WORDS.unit_name, at=AT, tsa_url=tsa_url
    )


def letters(data: bytes) -> str:
    """Return every character that the embedded faces map back to text."""
    found = ""
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
        try:
            text = zlib.decompress(stream)
        except zlib.error:
            text = stream
        if b"beginbfchar" in text:
            pairs = re.findall(rb"<[0-9A-Fa-f]+>\s+<([0-9A-Fa-f]+)>", text)
            found += "".join(bytes.fromhex(each.decode()).decode("utf-16-be", "ignore") for each in pairs)
    return found


def test_the_page_holds_the_chinese_words_and_embeds_their_letters() -> None:
    data = page()
    assert set("张三丰食品经营许可证许昌市市场监督管理局样章") <= set(letters(data))
    assert re.search(rb"\+NotoSerifSC", data)
    assert re.search(rb"\+NotoSansSC", data)
    assert b"pdfaid:part" in data  # PDF/A: nothing is left to the reader's own faces
    assert len(data) < 100_000


def test_the_same_page_is_set_twice_to_the_byte() -> None:
    assert page() == page()


def test_a_name_with_a_character_that_the_faces_lack_is_refused_and_no_box_is_printed() -> None:
    with pytest.raises(Refused) as refused:
        page(holder_name="张\U00030729")
    assert refused.value.code == "certificate_unprintable"


@pytest.mark.parametrize(
    "name", ["王𫍯", "阿不都热合曼·买买提依明·吐尔逊", "许昌市" + "老街坊" * 20 + "有限公司", '#strong[x] \\ $1$ "q"']
)
def test_rare_long_and_odd_names_are_printed_as_they_are(name: str) -> None:
    data = page(holder_name=name)
    assert set(name) - {" "} <= set(letters(data)) | {" "}
    assert len(re.findall(rb"/Type\s*/Page\b", data)) == 1


def test_long_names_of_units_and_licences_stay_on_one_page() -> None:
    name = Text("中外合作经营第一类增值电信业务互联网数据中心经营许可证", "Licence " * 14)
    words = rendering.Words(**(vars(WORDS) | {"unit_name": "许昌市市场监督管理局东城区分局" * 2, "licence_name": name}))
    data = rendering.render(
        Content(**(vars(CONTENT) | {"number": "A" * 100, "holder_name": "老街坊" * 60})), words, at=AT
    )
    assert len(re.findall(rb"/Type\s*/Page\b", data)) == 1


def test_a_seal_holds_against_the_test_authority_and_covers_the_whole_file() -> None:
    found = pades.check(sealed().data, roots=seals.roots(), at=AT)
    assert found is not None
    assert found.holds
    assert found.signer == "市场监管局（样章）"
    assert b"ETSI.CAdES.detached" in sealed().data
    assert b"/P 1" in sealed().data  # certified: no change is allowed


def test_a_stranger_s_authority_is_not_trusted(tmp_path: Path, settings: Any) -> None:
    data = sealed().data
    settings.VAR = tmp_path / "elsewhere"
    found = pades.check(data, roots=seals.roots(), at=AT)
    assert found is not None
    assert found.intact
    assert not found.trusted
    assert not found.holds


@pytest.mark.parametrize("place", [0.02, 0.2, 0.5, 0.8, 0.93])
def test_one_flipped_byte_breaks_the_seal(place: float) -> None:
    """R-E-1: any change can be found (电子签名法 第十三条)."""
    data = bytearray(sealed().data)
    data[int(len(data) * place)] ^= 1
    found = pades.check(bytes(data), roots=seals.roots(), at=AT)
    assert found is None or not found.holds


def test_what_is_added_behind_the_seal_is_seen() -> None:
    data = sealed().data
    found = pades.check(data + b"\n% more\n", roots=seals.roots(), at=AT)
    assert found is None or not found.holds


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"PK\x03\x04", b"%PDF-1.7\n" + b"1 0 obj<<>>endobj\n" * 50])
def test_what_is_no_sealed_file_has_no_seal(data: bytes) -> None:
    assert pades.check(data, roots=seals.roots(), at=AT) is None


def test_an_unsealed_page_has_no_seal() -> None:
    assert pades.check(page(), roots=seals.roots(), at=AT) is None


def test_a_time_stamp_is_kept_and_checked(tmp_path: Path, settings: Any) -> None:
    with authority() as stamping:
        found = sealed(stamping.url)
        assert found.stamped_at == STAMPS
        root = stamping.certificate.public_bytes(serialization.Encoding.DER)
    checked = pades.check(found.data, roots=[*seals.roots(), root], at=AT)
    assert checked is not None
    assert checked.holds
    assert checked.stamped_at == STAMPS


def test_without_the_authority_nothing_is_sealed_and_the_job_tries_again() -> None:
    with authority(status=503) as stamping, pytest.raises(Unavailable):
        sealed(stamping.url)
    with pytest.raises(Unavailable):
        sealed("http://127.0.0.1:9/tsa")


# -- keys


def test_test_keys_are_made_once_and_are_their_owner_s_alone() -> None:
    first = seals.of_unit("market", name="市场监管局")
    assert seals.of_unit("market", name="市场监管局") == first
    assert seals.of_unit("tobacco", name="烟草局").key != first.key
    files = sorted(path.name for path in seals.folder().iterdir())
    assert files == ["market.pem", "test-authority.pem", "tobacco.pem"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in seals.folder().iterdir()} == {0o600}
    assert first.sample


@pytest.mark.parametrize("unit", ["", "../market", "a/b", ".", "x" * 65, "单位"])
def test_a_unit_s_code_never_leaves_the_folder(unit: str) -> None:
    with pytest.raises(Refused):
        seals.of_unit(unit, name="x")
    assert not seals.has(unit)


@pytest.fixture
def brought(tmp_path: Path, settings: Any) -> Path:
    """A production's own folder: one authority, one unit."""
    folder = tmp_path / "brought"
    folder.mkdir()
    key, root = _issued("省级电子印章根", None)
    own, certificate = _issued("许昌市市场监督管理局", (key, root))
    pem = serialization.Encoding.PEM
    (folder / "roots.pem").write_bytes(root.public_bytes(pem))
    private = own.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"open sesame")
    )
    (folder / "market.pem").write_bytes(private + certificate.public_bytes(pem))
    (folder / "market.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4.5" cy="4.5" r="4" fill="none" stroke="red"/></svg>'
    )
    settings.SEALS, settings.SEALS_PASSWORD, settings.PRODUCTION = str(folder), "open sesame", True
    return folder


def _issued(name: str, above: Any) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    usage |= dict.fromkeys(("digital_signature", "content_commitment"), above is not None)
    usage |= dict.fromkeys(("key_cert_sign", "crl_sign"), above is None)
    return key, (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(above[1].subject if above else own)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(AT - timedelta(days=1))
        .not_valid_after(AT + timedelta(days=800))
        .add_extension(x509.BasicConstraints(ca=above is None, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .sign(above[0] if above else key, hashes.SHA256())
    )


def test_a_production_seals_with_what_it_brought_and_its_pages_are_no_samples(brought: Path) -> None:
    seals.check_fit_for_production()
    keys = seals.of_unit("market", name="市场监管局")
    assert not keys.sample
    words = rendering.Words(**(vars(WORDS) | {"sample": False, "picture": keys.picture}))
    data = rendering.render(CONTENT, words, at=AT)
    assert "样" not in letters(data)
    found = pades.check(
        pades.seal(data, keys, unit_name="许昌市市场监督管理局", at=AT).data, roots=seals.roots(), at=AT
    )
    assert found is not None
    assert found.holds
    assert list(seals.seal_lasts()) == ["market"]
    assert not seals.has("tobacco")
    with pytest.raises(Refused, match="no_seal"):
        seals.of_unit("tobacco", name="烟草局")


def test_a_production_does_not_start_without_seals_nor_with_the_test_authority(brought: Path, settings: Any) -> None:
    (brought / "roots.pem").rename(brought / "away.pem")
    with pytest.raises(RuntimeError, match=r"roots\.pem"):
        seals.check_fit_for_production()
    settings.SEALS = ""
    test_root = seals.roots_pem()
    with pytest.raises(RuntimeError, match="BANCHENG_SEALS"):
        seals.check_fit_for_production()
    settings.SEALS = str(brought)
    (brought / "roots.pem").write_bytes(b"")
    with pytest.raises(RuntimeError, match="PEM"):
        seals.check_fit_for_production()
    (brought / "roots.pem").write_bytes((brought / "away.pem").read_bytes() + test_root)
    with pytest.raises(RuntimeError, match="test authority"):
        seals.check_fit_for_production()


def test_a_key_file_that_cannot_be_read_ends_with_a_sentence(brought: Path, settings: Any) -> None:
    settings.SEALS_PASSWORD = "wrong"
    with pytest.raises(RuntimeError, match=r"market\.pem"):
        seals.of_unit("market", name="市场监管局")


def test_the_code_of_a_file_is_found_in_it() -> None:
    assert rules.code_in(sealed().data) == CODE
    assert rules.code_in(b"%PDF-1.7 nothing") == ""
