"""The kit's checks of papers: a bank that has proofs, letters, bundles and look-ups finds them whole, and a house that lies is found out (F13.8)."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from bancheng.kernel.clocks import public as clocks
from bancheng.kernel.exchange import testing
from bancheng.kernel.registrations import public as registrations
from bancheng.kernel.registrations import testing as office
from bancheng.lib import sigalgs
from bancheng.services.mortgages import following
from bancheng.services.mortgages.models import Bundle, Custody, LookUp
from bancheng.services.mortgages.operations import supervising
from bancheng.services.mortgages.tests import api_samples, towns
from bancheng.site.bankcheck import CHECKS, Kit, papers
from bancheng.site.bankcheck.kit import Failed

PAPERS = [(what, one) for what, one in CHECKS if one.__module__ == papers.__name__]
PATH = "applications/x/letters/y"


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """A client of the real application on the test's own connection."""
    for sent in (request_started, request_finished):
        sent.disconnect(close_old_connections)
    house = get_wsgi_application()

    def app(environ: dict[str, Any], start: Any) -> Any:
        path = environ["PATH_INFO"].encode().decode("latin-1")  # as WSGI has it; httpx leaves a proof's number as it is
        return house(environ | {"PATH_INFO": path}, start)

    with httpx.Client(base_url="http://testserver", transport=httpx.WSGITransport(app=app)) as made:
        yield made
    for sent in (request_started, request_finished):
        sent.connect(close_old_connections)


@pytest.mark.django_db
def test_a_bank_s_own_papers_are_found_whole_and_left_as_they_are(
    loaded_city: None, client: httpx.Client, settings: Any, tmp_path: Path
) -> None:
    settings.VAR = tmp_path  # a test authority of its own seals
    made, signing = testing.bank(unit="boc", algorithm=sigalgs.ED25519)
    now, caller = clocks.now(), testing.caller(made)
    application = api_samples.recorded("boc", caller)
    following.open_bundle(application=str(application), at=now)
    api_samples.turned_down("boc", caller)
    by = towns.Town().actor("registry_reviewer", office.REGISTRY)
    supervising.ask(bundle_id=Bundle.objects.get().pk, purpose="行政复议答复", by=by, at=now)
    kit = Kit(client, signing.key_id, signing.key, sigalgs.ED25519)
    for _, one in PAPERS:
        one(kit)
    assert [bool(one["certificates"]) for one in papers.own(kit)] == [True, False]
    assert [len(one["letters"]) for one in papers.own(kit)] == [0, 1]
    assert registrations.view(application).certificates
    assert (Bundle.objects.get().state, Custody.objects.count()) == ("owed", 0)
    assert LookUp.objects.get().answered_at is None


def kit_of(*bodies: bytes, etag: str = "") -> Kit:
    """Return a kit whose house gives these bodies out, one after the other."""
    rest = iter(bodies)
    client = httpx.Client(
        base_url="http://testserver",
        transport=httpx.MockTransport(lambda _: httpx.Response(200, content=next(rest), headers={"ETag": etag})),
    )
    return Kit(client, "boc-1", bytes(range(32)), sigalgs.ED25519)


@pytest.mark.parametrize(
    ("bodies", "seen"),
    [
        ((b"%PDF-1", b"%PDF-1"), ""),
        ((b"%PDF-1", b"%PDF-2"), "bytes"),
        ((b"%PDF-2", b"%PDF-2"), "digest"),
        ((b"<html>", b"<html>"), "pdf"),
    ],
)
def test_a_file_that_is_not_what_it_was_said_to_be_is_found_out(bodies: tuple[bytes, bytes], seen: str) -> None:
    digest = hashlib.sha256(b"%PDF-1").hexdigest()
    kit = kit_of(*bodies, etag=f'"{digest}"')
    if not seen:
        papers.sealed(kit, PATH, digest)
        return
    with pytest.raises(Failed, match=seen):
        papers.sealed(kit, PATH, digest)


def test_a_house_that_takes_a_false_catalogue_is_found_out() -> None:
    with pytest.raises(Failed):
        papers.bad_catalogue(kit_of(b"{}"))
