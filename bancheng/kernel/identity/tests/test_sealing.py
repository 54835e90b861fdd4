"""Sealed values: what opens, what does not, and how keys change."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bancheng.kernel.identity import sealing
from bancheng.kernel.identity.sealing import SealBroken, Sealer

OLD, NEW, HASH = "11" * 32, "22" * 32, "33" * 32
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=60)


def sealer(kind: str = "citizen_id", keys: str = OLD) -> Sealer:
    return Sealer(kind, keys=keys, hash_key=HASH)


def broken(sealer: Sealer, blob: bytes) -> str:
    with pytest.raises(SealBroken) as no:
        sealer.open(blob)
    return no.value.code


@given(TEXTS)
def test_what_was_sealed_opens_again(text):
    """D7 P-9."""
    one = sealer()
    assert one.open(one.seal(text)) == text


def test_the_same_text_never_seals_alike_and_shows_nothing():
    one = sealer()
    blobs = {one.seal("41109919800101001X") for _ in range(3000)}  # more than one supply of nonces
    assert len(blobs) == 3000
    assert not any(b"4110" in blob for blob in blobs)


def test_names_of_two_and_four_characters_look_the_same_length():
    one = sealer("name")
    assert len(one.seal("王芳")) == len(one.seal("欧阳建军"))


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_one_flipped_bit_anywhere_is_found(at, bit):
    """D7: a tampered value is an error, never a wrong number."""
    one = sealer()
    blob = bytearray(one.seal("41109919800101001X"))
    blob[at % len(blob)] ^= 1 << bit
    assert broken(one, bytes(blob)) in {"tampered", "not_sealed", "key_missing"}


def test_a_value_of_another_kind_does_not_open():
    blob = sealer("mobile").seal("15400000001")
    assert broken(sealer("citizen_id"), blob) == "tampered"


def test_what_is_not_sealed_is_told_apart():
    for blob in (b"", b"41109919800101001X", b"\x01" + b"x" * 20):
        assert broken(sealer(), blob) == "not_sealed"


def test_older_keys_open_and_the_newest_seals():
    """D7: rotation."""
    old, both, new = sealer(keys=OLD), sealer(keys=f"{NEW}, {OLD}"), sealer(keys=NEW)
    blob = old.seal("15400000001")
    assert both.open(blob) == "15400000001"
    assert not both.sealed_by_newest(blob)
    assert new.open(both.seal("15400000001")) == "15400000001"
    assert broken(new, blob) == "key_missing"


def test_hashes_do_not_change_with_the_sealing_keys():
    """D7: found by keyed hash, whatever sealed it."""
    assert sealer(keys=OLD).hash("15400000001") == sealer(keys=NEW).hash("15400000001")
    assert len(sealer().hash("x")) == 32
    assert sealer("mobile").hash("x") != sealer("citizen_id").hash("x")
    assert Sealer("mobile", keys=OLD, hash_key="44" * 32).hash("x") != sealer("mobile").hash("x")


def test_errors_name_no_value():
    one = sealer()
    with pytest.raises(SealBroken) as no:
        one.open(sealer("mobile").seal("15400000001"))
    assert "154" not in str(no.value)


@pytest.mark.parametrize("keys", ["", "zz", "1122"])
def test_wrong_keys_stop_the_start(keys, settings):
    settings.FIELD_KEYS = keys
    with pytest.raises((RuntimeError, ValueError)):
        Sealer("mobile")


def test_the_face_follows_the_settings(settings):
    settings.FIELD_KEYS, settings.FIELD_HASH_KEY = OLD, HASH
    blob = sealing.seal("15400000001", kind="mobile")
    assert sealing.open_sealed(blob, kind="mobile") == "15400000001"
    assert sealing.find_hash("15400000001", kind="mobile") == sealer("mobile").hash("15400000001")
    settings.FIELD_KEYS = NEW
    with pytest.raises(SealBroken):
        sealing.open_sealed(blob, kind="mobile")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_worker_has_nonces_of_its_own():
    sealing.seal("warm", kind="mobile")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover
        os.write(write, sealing.seal("x", kind="mobile"))
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(read, 200)
    os.close(read)
    os.close(write)
    ours = sealing.seal("x", kind="mobile")
    assert theirs[sealing.NONCE] != ours[sealing.NONCE]
