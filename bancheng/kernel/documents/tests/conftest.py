"""Every test of this part has a store of its own, on disk, and no scanner unless it asks for one.

The parties outside are simulated in processes of their own and spoken to over the wire: `peer` is the object store,
`bucket` the production client's, empty; `scanner(…)` starts a malware scanner and returns where.
"""

import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest

from bancheng.kernel.documents.s3 import Bucket
from bancheng.site import outside

ROOT = Path(__file__).resolve().parents[4]
SECRET = "sim-secret"


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    settings.DOCUMENTS_FOLDER = tmp_path / "documents"
    settings.S3_URL = settings.CLAMD = ""
    return settings.DOCUMENTS_FOLDER


@pytest.fixture(scope="session")
def peer(tmp_path_factory):
    """The simulated object store in a process of its own: its origin."""
    folder = tmp_path_factory.mktemp("s3")
    with outside.served("bancheng.sim.tests.s3_app:app", S3_FOLDER=str(folder), S3_SECRET=SECRET) as origin:
        yield origin


@pytest.fixture
def bucket(peer):
    faults(peer, down=0, spoil=False, page=1000)
    with closing(Bucket(url=f"{peer}/s3", name="city", region="cn-test", key_id="bancheng", secret=SECRET)) as made:
        for key in made.every_key():
            made.delete(key)
        yield made


def faults(peer, **switched) -> None:
    httpx.post(f"{peer}/faults", json=switched).raise_for_status()


@pytest.fixture
def scanner():
    """A function that starts a simulated scanner with such options and returns HOST:PORT."""
    with ExitStack() as running:

        def start(*options: str) -> str:
            command = [sys.executable, "-m", "bancheng.sim.clamd", "127.0.0.1:0", *options]
            served = running.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT))
            running.callback(served.terminate)
            return served.stdout.readline().strip()

        yield start
