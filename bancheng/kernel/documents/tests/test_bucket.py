"""The whole way with a bucket instead of a folder: the same operations, the same promises."""

from contextlib import closing
from datetime import timedelta

import pytest

from bancheng.kernel.documents import operations, queries, stores, testing
from bancheng.kernel.documents.models import Document
from bancheng.kernel.documents.testing import AT, CASE
from bancheng.kernel.documents.tests.conftest import faults
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(peer, bucket, settings):
    settings.S3_URL, settings.S3_BUCKET, settings.S3_REGION = bucket.url, bucket.name, bucket.region
    settings.S3_KEY_ID, settings.S3_SECRET = bucket.key_id, bucket.secret
    stores._bucket.cache_clear()
    with closing(stores.configured().bucket):
        yield bucket
    stores._bucket.cache_clear()


def content(use) -> bytes:
    return b"".join(operations.read(use_id=use.id, about=CASE, by="staff:7", at=AT).pieces)


def test_a_document_is_kept_in_a_bucket_sealed_once_read_and_swept(city, folder):
    data = testing.pdf(text="x" * 600_000)
    use = testing.stored(data)
    testing.stored(data, about="case:2")
    (key,) = city.every_key()
    assert b"%PDF-" not in b"".join(city.get(key))
    assert content(use) == data
    assert not folder.exists()
    for about in (CASE, "case:2"):
        operations.release_all(about=about, by="person:1", at=AT)
    operations.forget_unused(at=AT + timedelta(days=40))
    assert operations.sweep(at=AT).waiting == 1
    assert operations.sweep(at=AT + timedelta(days=1)).removed == 1
    assert list(city.every_key()) == []


def test_a_bucket_that_spoils_or_is_silent_gives_out_nothing(peer, city):
    use = testing.stored()
    faults(peer, spoil=True)
    with pytest.raises(identity.SealBroken):
        content(use)
    faults(peer, spoil=False, down=1_000)
    with pytest.raises(Refused, match="document_not_now"):
        content(use)
    with pytest.raises(Refused, match="document_not_kept"):
        testing.stored(testing.png())
    assert "503" in queries.status().store_fault
    faults(peer, down=0)
    assert queries.status() == queries.Status(f"{city.url}/city", "", "", "")
    assert Document.objects.count() == 1
    assert content(use) == testing.pdf()
