"""The malware scanner by its own protocol, over the wire."""

import pytest

from bancheng.kernel.documents.rules.sniffing import EICAR
from bancheng.kernel.documents.scanner import Clamd, configured
from bancheng.lib.refusal import Unavailable


def test_a_clean_content_and_an_infected_one_are_told_apart(scanner):
    clamd = Clamd(scanner("--finds", "worm"))
    assert clamd.found(b"clean" * 100_000) == ""
    assert clamd.found(bytes(200_000) + EICAR) == "Win.Test.EICAR_HDB-1"
    assert clamd.found(b"a worm in it") == "Simulated.worm-1"
    clamd.check()


def test_a_content_beyond_the_scanner_s_own_limit_is_not_called_clean(scanner):
    with pytest.raises(Unavailable, match=r"size limit|[Rr]eset|pipe"):
        Clamd(scanner("--most", "100000")).found(bytes(8_000_000))


@pytest.mark.parametrize("says", ["stream: ERROR", "stream: nonsense", "OK", "FOUND", " "])
def test_an_answer_that_is_neither_is_no_clean_bill(scanner, says):
    clamd = Clamd(scanner("--says", says))
    for ask in (lambda: clamd.found(b"x"), clamd.check):
        with pytest.raises(Unavailable):
            ask()


def test_a_scanner_that_hangs_up_or_is_not_there_is_unavailable(scanner):
    with pytest.raises(Unavailable):
        Clamd(scanner("--hangs-up")).found(b"x")
    for where in ("127.0.0.1:1", "/nowhere/clamd.sock"):
        with pytest.raises(Unavailable):
            Clamd(where).check()


def test_without_the_setting_there_is_none(settings):
    assert configured() is None
    settings.CLAMD = "127.0.0.1:3310"
    assert configured() == Clamd("127.0.0.1:3310")
