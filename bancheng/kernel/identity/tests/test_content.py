"""Large content under a key of its own: what goes in comes out, and nothing that was changed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bancheng.kernel.identity import content
from bancheng.kernel.identity import public as identity
from bancheng.kernel.identity.content import MARK, PIECE, ContentKey

NAME = "ab.01"
SIZES = [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 77]


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_opens_whatever_the_length_of_pieces_it_comes_in(size):
    """P-9"""
    key, data = ContentKey(), bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    blob = b"".join(key.seal(data, name=NAME))
    assert len(blob) == ContentKey.sealed_size(size)
    again = ContentKey(key.text)
    for step in (7_777, PIECE, len(blob)):
        pieces = [blob[at : at + step] for at in range(0, len(blob), step)]
        assert b"".join(again.open(pieces, name=NAME)) == data
    if size > 16:
        assert data[:16] not in blob


@settings(deadline=None)
@given(data=st.data())
def test_no_change_no_cut_and_no_other_name_goes_unseen(data):
    """P-9"""
    monkey = pytest.MonkeyPatch()
    monkey.setattr(content, "PIECE", 32)  # many pieces from little
    try:
        key = ContentKey()
        text = data.draw(st.binary(min_size=1, max_size=200))
        blob = b"".join(key.seal(text, name=NAME))
        at = data.draw(st.integers(0, len(blob) - 1))
        changed = blob[:at] + bytes((blob[at] ^ 1,)) + blob[at + 1 :]
        for wrong in (changed, blob[:at], blob + b"x"):
            with pytest.raises(identity.SealBroken):
                list(key.open([wrong], name=NAME))
        with pytest.raises(identity.SealBroken):
            list(key.open([blob], name="ab.02"))
        with pytest.raises(identity.SealBroken):
            list(ContentKey().open([blob], name=NAME))
        parts = [blob[start : start + 48] for start in range(len(MARK), len(blob), 48)]
        if len(parts) > 2:
            with pytest.raises(identity.SealBroken):
                list(key.open([MARK, parts[1], parts[0], *parts[2:]], name=NAME))
        assert b"".join(key.open([blob], name=NAME)) == text
    finally:
        monkey.undo()
