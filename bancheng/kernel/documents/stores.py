"""Where blobs are kept: a folder of this machine, or a bucket that speaks S3; one protocol for both.

A blob is written whole before its row and never changed: its address is used once, so nothing that reads or copies
blobs needs a lock. What is deleted had no row for a day (`operations.sweep`).
"""

import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings

from bancheng.kernel.documents.s3 import Bucket
from bancheng.lib.refusal import Unavailable

PIECE = 256 * 1024
ADDRESS = re.compile(r"[0-9a-f]{64}\.[0-9a-f]{16}")


class BlobMissing(Exception):
    """A row's blob is not where it should be: a lost disk or a backup half restored; never a person's fault."""


class Store(Protocol):
    """One place for blobs. A place that does not answer raises Unavailable."""

    says: str  # where it is, for the operator

    def put(self, address: str, blob: Callable[[], Iterable[bytes]], size: int) -> None:
        """Keep the blob; when this returns it survives the machine's power. `blob` may be asked for more than once."""

    def get(self, address: str) -> Iterator[bytes]:
        """Yield the blob piece by piece. Raises BlobMissing, before the first piece."""

    def has(self, address: str) -> bool:
        """Return whether the blob is there."""

    def delete(self, address: str) -> None:
        """Remove the blob; one that is not there is no fault."""

    def addresses(self) -> Iterator[str]:
        """Yield the address of every blob, in any order."""

    def check(self) -> None:
        """Raise Unavailable unless blobs can be kept here now."""


def new_address(content_hash: bytes) -> str:
    """Return an address for a content: its keyed hash, and a part of its own, so that no address is used twice."""
    return f"{content_hash.hex()}.{secrets.token_hex(8)}"


def configured() -> Store:
    """Return the store of the settings."""
    if settings.S3_URL:
        return S3(
            _bucket(settings.S3_URL, settings.S3_BUCKET, settings.S3_REGION, settings.S3_KEY_ID, settings.S3_SECRET)
        )
    return Disk(Path(settings.DOCUMENTS_FOLDER))


@lru_cache(maxsize=4)
def _bucket(url: str, name: str, region: str, key_id: str, secret: str) -> Bucket:
    """Return the process's own bucket: its connections are kept."""
    return Bucket(url=url, name=name, region=region, key_id=key_id, secret=secret)


class Disk:
    """A folder: `ab/cd/<address>`, two levels so that no folder grows long; `new/` for what is being written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.says = str(folder)

    def put(self, address: str, blob: Callable[[], Iterable[bytes]], size: int) -> None:
        try:
            self._write(self._path(address), blob(), size)
        except OSError as error:  # a full or broken disk
            raise Unavailable(f"{self.folder}: {error.strerror}") from error

    def _write(self, path: Path, blob: Iterable[bytes], size: int) -> None:
        """Write aside, sync, rename, sync the folder: under its name a blob is whole, and stays."""
        for folder in (self._new(), path.parent):
            self._make(folder)
        with tempfile.NamedTemporaryFile(dir=self._new(), delete=False) as file:  # 0600, and a name of its own
            try:
                for piece in blob:
                    file.write(piece)
                file.flush()
                if file.tell() != size:
                    raise AssertionError(f"a blob of {file.tell()} bytes, not {size}")
                os.fsync(file.fileno())
                Path(file.name).rename(path)
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(file.name)
                raise
        _sync(path.parent)

    def get(self, address: str) -> Iterator[bytes]:
        try:
            file = self._path(address).open("rb")
        except FileNotFoundError:
            raise BlobMissing(address) from None
        return _pieces(file)

    def has(self, address: str) -> bool:
        return self._path(address).exists()

    def delete(self, address: str) -> None:
        self._path(address).unlink(missing_ok=True)

    def addresses(self) -> Iterator[str]:
        for path in self.folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            if ADDRESS.fullmatch(path.name):
                yield path.name

    def check(self) -> None:
        try:
            self._make(self._new())
            with tempfile.TemporaryFile(dir=self._new()) as file:
                file.write(b"x")
                file.flush()
        except OSError as error:
            raise Unavailable(f"{self.folder}: {error.strerror}") from None

    def remove_unfinished(self, *, before: float) -> int:
        """Remove what a killed process left half written, last touched before `before` (seconds since 1970)."""
        left = [path for path in self._new().glob("*") if path.stat().st_mtime < before]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def _new(self) -> Path:
        return self.folder / "new"

    def _path(self, address: str) -> Path:
        if not ADDRESS.fullmatch(address):
            raise ValueError("no address")
        return self.folder / address[:2] / address[2:4] / address

    def _make(self, folder: Path) -> None:
        """Make `folder` and let its name, and those above it, survive a crash."""
        if folder.is_dir():
            return
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        for each in reversed(missing):
            each.mkdir(mode=0o700, exist_ok=True)
            _sync(each.parent)


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


class S3:
    """A bucket, with the same two levels in its keys."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self.says = f"{bucket.url}/{bucket.name}"

    def put(self, address: str, blob: Callable[[], Iterable[bytes]], size: int) -> None:
        self.bucket.put(_key(address), blob, size)

    def get(self, address: str) -> Iterator[bytes]:
        found = self.bucket.get(_key(address))
        if found is None:
            raise BlobMissing(address)
        return found

    def has(self, address: str) -> bool:
        return self.bucket.has(_key(address))

    def delete(self, address: str) -> None:
        self.bucket.delete(_key(address))

    def addresses(self) -> Iterator[str]:
        for key in self.bucket.every_key():
            name = key.rpartition("/")[2]
            if ADDRESS.fullmatch(name) and key == _key(name):
                yield name

    def check(self) -> None:
        next(self.bucket.every_key(), None)


def _key(address: str) -> str:
    if not ADDRESS.fullmatch(address):
        raise ValueError("no address")
    return f"{address[:2]}/{address[2:4]}/{address}"
