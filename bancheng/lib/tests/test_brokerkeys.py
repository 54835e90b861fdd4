"""Who may come in: passwords are shown once, kept as hashes, changed and withdrawn one by one."""

import base64
import os
import threading

import pytest

from bancheng.lib import brokerkeys
from bancheng.lib.brokerkeys import Book
from bancheng.lib.refusal import Garbled

# made by mosquitto_passwd 2.0.11 for "secret"
MOSQUITTO = (
    "$7$101$iZfO2EsloxKCzZMV$sp23EJtHKxMIu4UFHzertwajTSM68umjZhytBWpgyI1dyTXKBfPYB58qyLceej6T60qk0aYMNTg5E5zo27P/aQ=="
)


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path / "broker" / "passwords")


def test_a_password_opens_for_its_own_name_only(book):
    made = book.enrol(["gw-1", "gw-2"])
    assert book.admits("gw-1", made["gw-1"])
    assert not book.admits("gw-1", made["gw-2"])
    assert not book.admits("gw-3", made["gw-1"])
    assert not book.admits("gw-1", "")


def test_the_file_holds_no_password_and_is_its_owner_s(book):
    made = book.enrol(["gw-1"])
    assert made["gw-1"] not in book.path.read_text()
    assert book.path.stat().st_mode & 0o077 == 0


def test_a_new_password_ends_the_old_one_at_once_also_for_who_has_read_the_file(book):
    reader = Book(book.path)
    old = book.enrol(["gw-1"])["gw-1"]
    assert reader.admits("gw-1", old)
    new = book.enrol(["gw-1"])["gw-1"]
    assert reader.admits("gw-1", new)
    assert not reader.admits("gw-1", old)


def test_who_is_revoked_is_out_and_the_others_stay(book):
    made = book.enrol(["gw-1", "gw-2"])
    assert book.revoke(["gw-1", "gw-9"]) == 1
    assert not book.admits("gw-1", made["gw-1"])
    assert book.admits("gw-2", made["gw-2"])
    assert book.names() == ["gw-2"]


def test_no_file_admits_nobody(book):
    assert not book.admits("gw-1", "")
    assert not book.knows("gw-1")


@pytest.mark.parametrize("name", ["", "a:b", "a\nb", "x" * 33, "ä", "a/b", "+"])
def test_what_would_break_the_file_or_a_topic_is_no_name(book, name):
    book.enrol(["gw-1"])
    with pytest.raises(Garbled):
        book.enrol(["gw-2", name])
    assert book.names() == ["gw-1"]


@pytest.mark.parametrize("kept", ["", "$", "plain", "$6$a$b", "$7$0$AA==$AA==", "$7$x$AA==$AA==", "$7$101$@@@$AA=="])
def test_what_cannot_be_read_matches_nothing(kept):
    assert not brokerkeys.matches("secret", kept)


def test_what_mosquitto_hashed_is_read_and_made_the_same():
    assert brokerkeys.matches("secret", MOSQUITTO)
    assert not brokerkeys.matches("Secret", MOSQUITTO)
    assert brokerkeys.hashed("secret", salt=base64.b64decode("iZfO2EsloxKCzZMV")) == MOSQUITTO


def test_eight_at_once_lose_nobody(book):
    threads = [threading.Thread(target=Book(book.path).enrol, args=[[f"gw-{n}"]]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(book.names()) == 8
    assert not [name for name in os.listdir(book.path.parent) if name.endswith(".new")]
