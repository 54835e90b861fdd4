"""Blobs on disk and in a bucket: whole or not at all, by one protocol; the bucket is really served, over the wire."""

import dataclasses
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bancheng.kernel.documents import s3, stores
from bancheng.kernel.documents.s3 import Bucket
from bancheng.kernel.documents.stores import BlobMissing
from bancheng.kernel.documents.tests.conftest import ROOT, faults
from bancheng.lib.refusal import Unavailable

BLOB = [b"abc", b"\0" * 300_000, b"end"]
SIZE = sum(map(len, BLOB))


@pytest.fixture(params=["disk", "s3"])
def place(request, folder) -> stores.Store:
    if request.param == "disk":
        return stores.Disk(folder)
    return stores.S3(request.getfixturevalue("bucket"))


def address(n: int = 1) -> str:
    return stores.new_address(bytes([n]) * 32)


def test_a_blob_comes_back_is_listed_and_goes(place):
    one, two = address(1), address(2)
    for each in (one, two):
        assert not place.has(each)
        place.put(each, lambda: iter(BLOB), SIZE)
        assert place.has(each)
    assert b"".join(place.get(one)) == b"".join(BLOB)
    assert sorted(place.addresses()) == sorted((one, two))
    place.delete(one)
    place.delete(one)
    assert list(place.addresses()) == [two]
    with pytest.raises(BlobMissing):
        place.get(one)
    place.check()


@pytest.mark.parametrize(
    "wrong", ["", "../../etc/passwd", "a" * 64, f"{'a' * 64}.{'b' * 15}/", f"{'A' * 64}.{'b' * 16}"]
)
def test_nothing_but_an_address_reaches_the_store(place, wrong):
    for call in (place.has, place.delete, place.get, lambda name: place.put(name, lambda: iter(BLOB), SIZE)):
        with pytest.raises(ValueError, match="no address"):
            call(wrong)


def test_a_blob_whose_making_fails_leaves_nothing(folder):
    place, name = stores.Disk(folder), address()

    def breaks():
        yield b"half"
        raise KeyError("made to fail")

    with pytest.raises(KeyError):
        place.put(name, breaks, SIZE)
    assert not place.has(name)
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_on_disk_a_blob_has_its_name_only_when_it_is_synced(folder, monkeypatch):
    """What is asked of the system, in order: the file's sync, the new name, the folder's sync."""
    done = []
    place, name = stores.Disk(folder), address()
    place.put(address(9), lambda: iter(BLOB), SIZE)  # the folders above are there
    real_sync, real_rename = os.fsync, Path.rename
    monkeypatch.setattr(os, "fsync", lambda number: (done.append("sync"), real_sync(number))[1])
    monkeypatch.setattr(Path, "rename", lambda self, to: (done.append("name"), real_rename(self, to))[1])
    place.put(name, lambda: iter(BLOB), SIZE)
    assert done[-3:] == ["sync", "name", "sync"]
    path = folder / name[:2] / name[2:4] / name
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_full_disk_is_a_place_that_cannot_be_used_now(folder, monkeypatch):
    def full(number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        stores.Disk(folder).put(address(), lambda: iter(BLOB), SIZE)
    monkeypatch.undo()
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    folder.mkdir(exist_ok=True)
    (folder / "file").write_bytes(b"")
    with pytest.raises(Unavailable):
        stores.Disk(folder / "file" / "below").check()


KILLED = """
import os, signal, sys
from pathlib import Path
from bancheng.kernel.documents.stores import Disk

def blob():
    yield b"first half"
    os.kill(os.getpid(), signal.SIGKILL)

Disk(Path(sys.argv[1])).put(sys.argv[2], blob, 100)
"""


@pytest.mark.fault
def test_a_process_killed_in_the_middle_of_a_blob_leaves_nothing_under_its_name(folder):
    name = address()
    died = subprocess.run([sys.executable, "-c", KILLED, str(folder), name], cwd=ROOT, check=False)
    assert died.returncode == -signal.SIGKILL
    place = stores.Disk(folder)
    assert not place.has(name)
    assert list(place.addresses()) == []
    assert len(list((folder / "new").iterdir())) == 1
    place.put(name, lambda: iter(BLOB), SIZE)
    assert b"".join(place.get(name)) == b"".join(BLOB)


def test_what_a_killed_process_left_half_written_goes_after_a_day(folder):
    place = stores.Disk(folder)
    place.put(address(), lambda: iter(BLOB), SIZE)
    left = folder / "new" / "tmpabc"
    left.write_bytes(b"half")
    os.utime(left, (1000, 1000))
    assert place.remove_unfinished(before=999) == 0
    assert place.remove_unfinished(before=1001) == 1
    assert len(list(place.addresses())) == 1


# --- the bucket's own


def test_the_signature_is_that_of_the_published_example():
    """AWS's own example of a GET with a Range header (Amazon S3 API reference, signature calculations)."""
    made = s3.authorization(
        method="GET",
        path="/test.txt",
        query="",
        head={
            "host": "examplebucket.s3.amazonaws.com",
            "range": "bytes=0-9",
            "x-amz-content-sha256": s3.EMPTY,
            "x-amz-date": "20130524T000000Z",
        },
        digest=s3.EMPTY,
        stamp="20130524T000000Z",
        region="us-east-1",
        key_id="AKIAIOSFODNN7EXAMPLE",
        secret="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    )
    assert made.endswith("Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")


def test_a_wrong_secret_opens_nothing(bucket):
    with closing(dataclasses.replace(bucket, secret="guessed")) as stranger:
        with pytest.raises(Unavailable, match="403"):
            stranger.put("aa/bb/c", lambda: iter(BLOB), SIZE)
        with pytest.raises(Unavailable, match="403"):
            stores.S3(stranger).check()
    assert list(bucket.every_key()) == []


def test_a_list_longer_than_a_page_is_read_to_its_end(peer, bucket):
    keys = [f"aa/bb/{n}" for n in range(5)]
    for key in keys:
        bucket.put(key, lambda: iter([b"x"]), 1)
    faults(peer, page=2)
    assert list(bucket.every_key()) == keys
    with pytest.raises(Unavailable):
        s3._read_list(b"<html>")


def test_one_fault_is_tried_again_and_three_are_too_many(peer, bucket):
    faults(peer, down=2)
    bucket.put("aa/bb/c", lambda: iter(BLOB), SIZE)
    faults(peer, down=3)
    with pytest.raises(Unavailable, match="503"):
        bucket.put("aa/bb/d", lambda: iter(BLOB), SIZE)
    assert list(bucket.every_key()) == ["aa/bb/c"]


def test_a_body_that_changed_on_its_way_is_not_kept(bucket):
    changed = iter([BLOB, BLOB[::-1], BLOB[::-1], BLOB[::-1]])
    with pytest.raises(Unavailable, match="400"):
        bucket.put("aa/bb/c", lambda: iter(next(changed)), SIZE)
    assert list(bucket.every_key()) == []


def test_a_bucket_that_nobody_serves_is_unavailable():
    nowhere = Bucket(url="http://127.0.0.1:1", name="city", region="r", key_id="k", secret="s")
    with closing(nowhere) as silent, pytest.raises(Unavailable, match="ConnectError"):
        silent.has("aa/bb/c")
