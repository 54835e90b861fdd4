"""The malware scanner by its own protocol, over the wire."""

import pytest

from bancheng.kernel.documents.rules.sniffing import EICAR
from bancheng.kernel.documents.scanner import Clamd, configured
from bancheng.lib.refusal import Unavailable
from bancheng.sim import clamd


@pytest.fixture
def peer():
    with clamd.running() as scanner:
        yield scanner


def test_a_clean_content_and_an_infected_one_are_told_apart(peer):
    scanner = Clamd(peer.where)
    assert scanner.found(b"clean" * 100_000) == ""
    assert scanner.found(bytes(200_000) + EICAR) == "Win.Test.EICAR_HDB-1"
    peer.finds[b"bad"] = "Some.Worm-1"
    assert scanner.found(b"a bad one") == "Some.Worm-1"
    scanner.check()
    assert peer.seen == 3


def test_a_content_beyond_the_scanner_s_own_limit_is_not_called_clean(peer):
    peer.most = 100_000
    with pytest.raises(Unavailable, match=r"size limit|[Rr]eset|pipe"):
        Clamd(peer.where).found(bytes(8_000_000))


@pytest.mark.parametrize("says", ["stream: ERROR", "stream: nonsense", "", "OK", "FOUND"])
def test_an_answer_that_is_neither_is_no_clean_bill(peer, says):
    peer.says = says or "\0"
    with pytest.raises(Unavailable):
        Clamd(peer.where).found(b"x")
    with pytest.raises(Unavailable):
        Clamd(peer.where).check()


def test_a_scanner_that_hangs_up_or_is_not_there_is_unavailable(peer):
    peer.hangs_up = True
    with pytest.raises(Unavailable):
        Clamd(peer.where).found(b"x")
    for where in ("127.0.0.1:1", "/nowhere/clamd.sock"):
        with pytest.raises(Unavailable):
            Clamd(where).check()


def test_without_the_setting_there_is_none(settings):
    assert configured() is None
    settings.CLAMD = "127.0.0.1:3310"
    assert configured() == Clamd("127.0.0.1:3310")
