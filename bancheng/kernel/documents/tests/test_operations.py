"""Taken in, used again, read, taken back and forgotten; and what is left when something dies in between."""

import hashlib
import tracemalloc
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from bancheng.kernel.audit import testing as audit
from bancheng.kernel.audit.public import timeline
from bancheng.kernel.documents import jobs, looking, operations, queries, stores, testing
from bancheng.kernel.documents.models import Document, Orphan, Use
from bancheng.kernel.documents.rules.kinds import MEGABYTE, Kind, Limits
from bancheng.kernel.documents.rules.sniffing import EICAR
from bancheng.kernel.documents.testing import AT, CASE, HOLDER
from bancheng.kernel.forms import public as forms
from bancheng.kernel.forms import testing as forms_testing
from bancheng.kernel.identity import public as identity
from bancheng.lib.refusal import Refused, Unavailable

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
OFFICER = "staff:7"
STRANGER = b"\1" * 32


def content(use, *, about=CASE) -> bytes:
    return b"".join(operations.read(use_id=use.id, about=about, by=OFFICER, at=AT).pieces)


def blobs(folder) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def refused(call, **how) -> Refused:
    with pytest.raises(Refused) as no:
        call(**how)
    return no.value


def test_a_document_is_stored_sealed_and_comes_back_as_it_was(folder):
    """P-9"""
    data = testing.pdf(3, text="张三 411099197102030771")
    use = testing.stored(data, name="C:\\张三\\身份证411099197102030771.jpg")
    assert (use.kind, use.pages, use.size, use.media_type) == (Kind.PDF, 3, len(data), "application/pdf")
    assert use.name == "身份证411099197102030771.pdf"
    assert content(use) == data
    (blob,) = blobs(folder)
    sealed = (folder / blob[:2] / blob[2:4] / blob).read_bytes()
    assert b"%PDF-" not in sealed
    assert b"411099" not in sealed
    assert hashlib.sha256(data).hexdigest() not in blob
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d::text || u::text FROM documents_document d JOIN documents_use u ON u.document_id = d.id"
        )
        row = cursor.fetchone()[0]
    assert "411099" not in row
    assert hashlib.sha256(data).hexdigest() not in row


def test_what_was_done_to_a_file_is_said(folder):
    stored = operations.store(
        region="411002", pieces=[testing.jpeg() + b"PK\3\4"], name="../照片.png", about=CASE, material="M1",
        holder_hash=HOLDER, by="person:1", at=AT,
    )  # fmt: skip
    assert content(stored.use) == testing.jpeg()
    assert [note.en for note in stored.notes] == [looking.CUT.en, "The file is now called 照片.jpg"]
    assert not stored.known


def test_the_same_content_is_kept_once_in_a_region_and_apart_in_two(folder):
    one = testing.stored(material="M1")
    two = testing.stored(material="M2", about="case:2", name="另一个名字.pdf", holder_hash=STRANGER)
    far = testing.stored(region="411024")
    assert one.document == two.document != far.document
    assert (one.name, two.name) == ("材料.pdf", "另一个名字.pdf")
    assert Document.objects.count() == 2
    assert len(blobs(folder)) == 2
    assert content(two, about="case:2") == content(far) == testing.pdf()


def test_handed_in_twice_for_one_material_it_is_one_use():
    assert testing.stored().id == testing.stored().id
    assert len(queries.uses(about=CASE)) == 1
    assert len(audit.recorded("documents.stored")) == 1


def test_what_is_refused_leaves_neither_blob_nor_row(folder):
    for data in (b"", b"<svg/>", EICAR, testing.pdf() + testing.docx(), bytes(100)):
        refused(testing.stored, data=data)
    assert refused(testing.stored, declared=4 * 2**30).status == 413
    assert refused(testing.stored, accepted={Kind.PNG}).code == "document_kind_not_accepted"
    assert refused(testing.stored, within=Limits(bytes=10)).code == "document_too_large"
    assert not Document.objects.exists()
    assert not folder.exists()


def test_limits_are_those_of_the_settings_unless_the_material_has_its_own(settings):
    settings.DOCUMENT_MEGABYTES = settings.DOCUMENT_PAGES = settings.DOCUMENT_MEGAPIXELS = 1
    assert refused(testing.stored, data=testing.pdf(2)).code == "document_too_many_pages"
    assert refused(testing.stored, data=testing.png(1001, 1000)).code == "document_too_many_pixels"
    assert refused(testing.stored, declared=MEGABYTE + 1).code == "document_too_large"
    settings.DOCUMENT_UNPACKED_MEGABYTES = 1
    assert refused(testing.stored, data=testing.docx(a=bytes(MEGABYTE))).code == "document_bomb"
    assert testing.stored(testing.pdf(2), within=Limits()).pages == 2


def test_the_scanner_s_word_is_heard_recorded_and_without_it_nothing_is_taken_in(folder, settings, scanner):
    settings.CLAMD = scanner("--finds", "worm")
    assert testing.stored().pages == 1
    assert refused(testing.stored, data=testing.pdf(text="worm")).code == "document_infected"
    (line,) = audit.recorded("documents.infected")
    assert (line.who, line.about, line.detail) == ("person:1", CASE, {"found": "Simulated.worm-1"})
    settings.CLAMD = scanner("--hangs-up")
    assert refused(testing.stored, data=testing.pdf(2)).status == 503
    assert queries.status().scanner_fault
    assert Document.objects.count() == 1
    assert len(blobs(folder)) == 1


def test_every_reading_is_recorded_with_who_and_for_which_case():
    """P-3"""
    use = testing.stored()
    assert operations.read(use_id=use.id, about=CASE, by=OFFICER, at=AT).use == use
    (line,) = audit.recorded("documents.read")
    assert (line.who, line.about, line.region) == (OFFICER, use.ref, "411002")
    assert line.detail == {"for": CASE, "material": "M1", "content": str(use.document)}
    same = testing.stored(about="case:2", holder_hash=STRANGER)
    assert "documents.read" not in [line.action for line in timeline(same.ref)]  # who read mine is not told of yours
    assert all("材料" not in str(line) for line in audit.recorded())


def test_a_document_is_read_for_its_own_case_only_and_not_when_it_was_taken_back():
    use = testing.stored()
    for about, use_id in (("case:2", use.id), (CASE, uuid4())):
        assert refused(operations.read, use_id=use_id, about=about, by=OFFICER, at=AT).status == 404
        assert refused(operations.release, use_id=use_id, about=about, by=OFFICER, at=AT).status == 404
    operations.release(use_id=use.id, about=CASE, by="person:1", at=AT)
    assert refused(operations.read, use_id=use.id, about=CASE, by=OFFICER, at=AT).code == "no_such_document"
    assert audit.recorded("documents.read") == []


def test_the_headers_let_no_browser_run_anything():
    headers = operations.read(use_id=testing.stored(name="a b.pdf").id, about=CASE, by=OFFICER, at=AT).headers
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%20b.pdf"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]


def test_a_spoilt_blob_is_never_given_out_and_no_reading_is_recorded(folder):
    use = testing.stored()
    (path,) = [path for path in folder.rglob("*") if path.is_file()]
    sealed = bytearray(path.read_bytes())
    sealed[40] ^= 1
    path.write_bytes(sealed)
    with pytest.raises(identity.SealBroken):
        operations.read(use_id=use.id, about=CASE, by=OFFICER, at=AT)
    path.unlink()
    with pytest.raises(stores.BlobMissing):
        operations.read(use_id=use.id, about=CASE, by=OFFICER, at=AT)
    assert audit.recorded("documents.read") == []


def test_a_lost_blob_is_made_good_when_the_same_content_comes_again(folder):
    use = testing.stored()
    (path,) = [path for path in folder.rglob("*") if path.is_file()]
    path.unlink()
    assert testing.stored(about="case:2").document == use.document
    assert content(use) == testing.pdf()


def test_what_was_brought_for_one_matter_is_used_for_the_next_by_its_holder_alone():
    first = testing.stored()
    asked = {"use_id": first.id, "about": "case:2", "material": "M9", "by": "person:1", "at": AT + DAY}
    second = operations.reuse(**asked, holder_hash=HOLDER)
    assert (second.document, second.name, second.material) == (first.document, first.name, "M9")
    assert operations.reuse(**asked, holder_hash=HOLDER).id == second.id
    assert refused(operations.reuse, **asked, holder_hash=STRANGER).status == 403
    picky = refused(operations.reuse, **asked, holder_hash=HOLDER, accepted={Kind.PNG})
    assert picky.code == "document_kind_not_accepted"
    assert refused(operations.reuse, **(asked | {"use_id": uuid4()}), holder_hash=HOLDER).status == 404
    assert [each.id for each in queries.brought_by(holder_hash=HOLDER)] == [second.id]
    assert queries.brought_by(holder_hash=STRANGER) == queries.brought_by(holder_hash=HOLDER, region="411024") == []
    assert [event.detail["for"] for event in audit.recorded("documents.reused")] == ["case:2"]


def test_uses_are_found_for_one_thing_or_many_and_without_those_taken_back():
    one, two = testing.stored(), testing.stored(testing.png(), about="case:2", at=AT + DAY)
    assert [each.id for each in queries.uses(about=(CASE, "case:2"))] == [one.id, two.id]
    assert operations.release_all(about=CASE, by="person:1", at=AT) == 1
    assert operations.release_all(about=CASE, by="person:1", at=AT) == 0
    assert queries.uses(about=CASE) == []
    assert queries.uses(about=CASE, ended=True)[0].ended_at == AT
    assert queries.find(one.id).ended_at == AT
    assert queries.find(uuid4()) is None


# --- forgetting and sweeping


def test_what_nothing_uses_is_forgotten_after_its_days_and_the_blob_swept_after_that(folder):
    """P-9"""
    use, other = testing.stored(), testing.stored(about="case:2")
    kept = testing.stored(testing.png())
    operations.release(use_id=use.id, about=CASE, by="person:1", at=AT)
    assert operations.forget_unused(at=AT + 400 * DAY) == 0  # case:2 still uses it
    operations.release(use_id=other.id, about="case:2", by="person:1", at=AT + DAY)
    assert operations.forget_unused(at=AT + 31 * DAY) == 0
    assert operations.forget_unused(at=AT + 31 * DAY + timedelta(seconds=1)) == 1
    assert queries.find(use.id) is None
    assert [line.about for line in audit.recorded("documents.forgotten")] == [f"content:{use.document}"]
    assert len(blobs(folder)) == 2  # rows before blobs
    assert operations.sweep(at=AT + 32 * DAY) == operations.Swept(removed=0, waiting=1)
    assert operations.sweep(at=AT + 33 * DAY - timedelta(seconds=1)).removed == 0
    assert operations.sweep(at=AT + 33 * DAY) == operations.Swept(removed=1, waiting=0)
    assert len(blobs(folder)) == 1
    assert content(kept) == testing.png()


def test_used_again_in_time_it_is_not_forgotten():
    use = testing.stored()
    operations.release(use_id=use.id, about=CASE, by="person:1", at=AT)
    operations.reuse(use_id=use.id, about="case:2", material="M", holder_hash=HOLDER, by="person:1", at=AT + DAY)
    assert operations.forget_unused(at=AT + 400 * DAY) == 0


def test_a_content_forgotten_and_brought_again_has_a_blob_of_its_own_that_no_sweep_takes(folder):
    use = testing.stored()
    operations.release(use_id=use.id, about=CASE, by="person:1", at=AT)
    operations.forget_unused(at=AT + 40 * DAY)
    operations.sweep(at=AT + 40 * DAY)
    again = testing.stored(at=AT + 40 * DAY)
    assert len(blobs(folder)) == 2
    operations.sweep(at=AT + 50 * DAY)
    assert len(blobs(folder)) == 1
    assert content(again) == testing.pdf()


def test_the_nightly_jobs_run():
    testing.stored()
    jobs.forget_unused()
    jobs.sweep()
    assert Document.objects.count() == 1


class Killed(BaseException):
    """The process is gone: nothing of ours may catch this."""


def test_killed_between_blob_and_row_there_is_a_blob_without_a_row_and_never_a_row_without_a_blob(folder, monkeypatch):
    def die(*_, **__):
        raise Killed

    monkeypatch.setattr(operations, "_row", die)
    with pytest.raises(Killed):
        testing.stored()
    monkeypatch.undo()
    assert not Document.objects.exists()
    assert len(blobs(folder)) == 1
    use = testing.stored()  # the same file again: it does not rest on what was left
    assert operations.sweep(at=AT).waiting == 1
    assert operations.sweep(at=AT + DAY).removed == 1
    assert content(use) == testing.pdf()


def test_killed_while_the_blob_is_written_there_is_nothing_under_its_name(folder, monkeypatch):
    real = identity.ContentKey.seal

    def half(self, data, *, name):
        yield next(real(self, data, name=name))
        raise Killed

    monkeypatch.setattr(identity.ContentKey, "seal", half)
    with pytest.raises(Killed):
        testing.stored()
    assert blobs(folder) == []
    assert not Document.objects.exists()


def test_the_blob_is_durable_before_its_row_is_written(monkeypatch):
    done = []
    put, row = stores.Disk.put, operations._row
    monkeypatch.setattr(stores.Disk, "put", lambda *a: (put(*a), done.append("blob"))[0])
    monkeypatch.setattr(operations, "_row", lambda *a, **k: (done.append("row"), row(*a, **k))[1])
    testing.stored()
    assert done == ["blob", "row"]


def test_a_row_that_is_rolled_back_leaves_its_blob_to_the_sweep(folder):
    with suppress(ZeroDivisionError), transaction.atomic():
        testing.stored()
        raise ZeroDivisionError
    assert operations.sweep(at=AT).waiting == 1
    assert operations.sweep(at=AT + DAY).removed == 1
    assert blobs(folder) == []
    assert not Orphan.objects.exists()


def test_a_content_forgotten_between_looking_and_writing_is_written_after_all(folder, monkeypatch):
    use = testing.stored()
    operations.release(use_id=use.id, about=CASE, by="person:1", at=AT)
    real, calls = operations._row, []

    def meanwhile(*args, **how):
        if not calls:
            operations.forget_unused(at=AT + 40 * DAY)
        calls.append(1)
        return real(*args, **how)

    monkeypatch.setattr(operations, "_row", meanwhile)
    again = testing.stored(at=AT + 40 * DAY)
    assert len(calls) == 2
    assert content(again) == testing.pdf()


def test_a_store_that_is_silent_refuses_and_the_next_try_succeeds(monkeypatch):
    def silent(*_):
        raise Unavailable("no space")

    monkeypatch.setattr(stores.Disk, "put", silent)
    assert refused(testing.stored).status == 503
    monkeypatch.undo()
    use = testing.stored()
    monkeypatch.setattr(stores.Disk, "get", silent)
    assert refused(operations.read, use_id=use.id, about=CASE, by=OFFICER, at=AT).code == "document_not_now"


# --- the last line, keys, memory


def test_the_database_lets_a_use_end_once_and_nothing_else():
    use = testing.stored()
    for change in ({"about": "case:2"}, {"material": "x"}, {"by": "person:2"}, {"region": "411024"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Use.objects.filter(pk=use.id).update(**change)
    Use.objects.filter(pk=use.id).update(ended_at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Use.objects.filter(pk=use.id).update(ended_at=None)
    for change in ({"kind": "png"}, {"size": 1}, {"region": "411024"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Document.objects.filter(pk=use.document).update(**change)


OLD, NEW = "11" * 32, "22" * 32


def test_documents_move_to_a_new_key_and_no_blob_is_written_again(folder, settings):
    """D7 P-9"""
    settings.FIELD_KEYS = OLD
    use = testing.stored()
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    assert sum(rows for _, rows in identity.rotate()) == 3
    settings.FIELD_KEYS = NEW
    assert content(use) == testing.pdf()
    assert queries.find(use.id).name == "材料.pdf"
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_after_a_new_hash_key_the_same_content_is_still_known(folder, settings):
    """D7"""
    use = testing.stored()
    settings.FIELD_HASH_KEY = f"{NEW},{settings.FIELD_HASH_KEY}"
    assert sum(rows for _, rows in identity.rehash()) == 1
    settings.FIELD_HASH_KEY = NEW
    assert testing.stored(about="case:2").document == use.document
    assert len(blobs(folder)) == 1


def test_twenty_megabytes_are_never_held_three_times():
    """Gathered, looked at, sealed, stored and read back: less than two and a half times at the highest."""
    size = 20 * MEGABYTE
    head, end = testing.jpeg()[:-2], b"\xff\xd9"

    def pieces():
        yield head
        for _ in range((size - len(head)) // looking.PIECE - 1):
            yield b"\x55" * looking.PIECE
        yield end

    tracemalloc.start()
    use = testing.stored(pieces=pieces(), name="照片.jpg")
    for _ in operations.read(use_id=use.id, about=CASE, by=OFFICER, at=AT).pieces:
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert use.size > 19 * MEGABYTE
    assert peak < 2.5 * size


def test_what_was_handed_in_with_a_draft_ends_when_the_draft_is_forgotten_or_deleted(folder):
    """个人信息保护法 第十九条, 第四十七条: nobody could come back for it; what a case uses too stays with the case."""
    made = forms_testing.loaded(forms_testing.spec("m", "floor"), elements=[forms_testing.element("floor")])
    subjects = [forms.Subject("organisation:01977420-dc00-7000-8000-000000000000", bytes([n]) * 32) for n in (1, 2, 3)]
    drafts = [forms_testing.opened(made, one) for one in subjects]
    kept = [testing.stored(testing.pdf(text=str(n)), about=f"draft:{one.id}") for n, one in enumerate(drafts)]
    operations.reuse(use_id=kept[0].id, about=CASE, material="M1", holder_hash=HOLDER, by="person:1", at=AT)
    forms.delete(draft_id=drafts[2].id, hashes=[subjects[2].holder_hash], by="person:1", at=AT)
    assert [len(queries.uses(about=f"draft:{one.id}")) for one in drafts] == [1, 1, 0]
    assert forms.forget_drafts(today=drafts[0].kept_until + timedelta(days=1), at=AT) == 2
    assert queries.uses(about=[f"draft:{one.id}" for one in drafts]) == []
    assert [one.document for one in queries.uses(about=CASE)] == [kept[0].document]
    unused = Document.objects.filter(unused_since__isnull=False).values_list("pk", flat=True)
    assert set(unused) == {kept[1].document, kept[2].document}
    assert operations.forget_unused(at=AT + timedelta(days=400)) == 2
