"""Looking into files: pages, pixels, bombs, scripts, passwords; and any bytes at all."""

import io
import tracemalloc
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import openpyxl
import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bancheng.kernel.documents import looking, pdf, testing
from bancheng.kernel.documents.rules.kinds import ALL, MEGABYTE, Kind, Limits
from bancheng.kernel.documents.rules.sniffing import EICAR
from bancheng.lib.refusal import Refused

LIMITS = Limits()
SMALL = Limits(bytes=MEGABYTE, pages=3, pixels=10_000, unpacked=2 * MEGABYTE)


def look(data: bytes, *, accepted=ALL, limits=LIMITS) -> looking.Looked:
    return looking.look(data, accepted=accepted, limits=limits)


def refused(data: bytes, **how) -> str:
    with pytest.raises(Refused) as no:
        look(data, **how)
    return no.value.code


TAKEN = [
    (Kind.PDF, testing.pdf(3), 3),
    (Kind.JPEG, testing.jpeg(), 1),
    (Kind.PNG, testing.png(), 1),
    (Kind.WEBP, testing.webp(), 1),
    (Kind.OFD, testing.ofd(2), 2),
    (Kind.DOCX, testing.docx(), None),
    (Kind.XLSX, testing.xlsx(), None),
]


@pytest.mark.parametrize(("kind", "data", "pages"), TAKEN)
def test_each_kind_is_known_by_its_bytes_and_its_pages_are_counted(kind, data, pages):
    found = look(data)
    assert (found.kind, found.pages, found.data, found.notes) == (kind, pages, data, ())
    assert refused(data, accepted=ALL - {kind}) == "document_kind_not_accepted"


def test_files_that_other_programs_made_are_taken_too():
    """The pictures of our own papers, and a workbook of a library that makes them."""
    for path in (Path(__file__).resolve().parents[4] / "docs" / "screenshots").glob("*.png"):
        found = look(path.read_bytes())
        assert (found.kind, found.notes) == (Kind.PNG, ())
        assert found.width >= 390
    made, book = io.BytesIO(), openpyxl.Workbook()
    book.save(made)
    assert look(made.getvalue()).kind is Kind.XLSX
    made, writer = io.BytesIO(), pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_attachment("invoice.xml", b"<invoice/>")  # electronic invoices carry their data so
    writer.write(made)
    assert look(made.getvalue()).pages == 1
    writer.encrypt("", "owner", algorithm="AES-256")
    made = io.BytesIO()
    writer.write(made)
    assert refused(made.getvalue()) == "document_encrypted"


PDFS = [
    ("document_encrypted", testing.pdf(trailer=f"/Encrypt << /Filter /Standard /V 1 /R 2 /O ({'x' * 32}) /U ({'y' * 32}) /P -4 >> /ID [(a) (b)]")),
    ("document_runs", testing.pdf(catalog="/OpenAction << /S /JavaScript /JS (app.alert(1)) >>")),
    ("document_runs", testing.pdf(catalog="/OpenAction << /S /J#61vaScript /JS (app.alert(1)) >>")),
    ("document_runs", testing.pdf(objects=("<< /AA << /O << /S /Launch /F (cmd.exe) >> >> >>",))),
    ("document_damaged", b"%PDF-1.7\n%%EOF"),
    ("document_damaged", testing.pdf(0)),
    ("document_too_many_pages", testing.pdf(4)),
]  # fmt: skip


@pytest.mark.parametrize(("code", "data"), PDFS)
def test_a_pdf_with_a_password_a_script_or_too_many_pages_is_refused(code, data):
    assert refused(data, limits=SMALL) == code


def test_a_count_that_lies_is_not_believed():
    assert look(testing.pdf(4).replace(b"/Count 4", b"/Count 1")).pages == 4


def test_a_pdf_that_eats_memory_or_time_costs_a_refusal_and_nothing_else(monkeypatch):
    bomb = zlib.compress(bytes(200 * MEGABYTE), 9)
    body = f"<< /Type /ObjStm /N 1 /First 5 /Filter /FlateDecode /Length {len(bomb)} >>\nstream\n".encode()
    table = (
        f"<< /Type /XRef /Size 9 /Root 1 0 R /W [1 4 2] /Filter /FlateDecode /Length {len(bomb)} >>\nstream\n".encode()
    )
    head = b"%PDF-1.7\n1 0 obj\n" + body + bomb + b"\nendstream\nendobj\n"
    data = head + b"2 0 obj\n" + table + bomb + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(head)
    assert refused(data) in ("document_too_complex", "document_damaged")
    monkeypatch.setattr(pdf, "SECONDS", 0.01)
    assert refused(testing.pdf()) == "document_too_complex"


PACKAGES = [
    ("document_archive", testing.package({"a.pdf": b"x"})),
    ("document_two_in_one", testing.docx() + b"<html>"),
    ("document_two_in_one", b"PK\x03\x04" + testing.docx()),
    ("document_damaged", testing.docx()[:-30]),
    ("document_runs", testing.docx(**{"word/vbaProject.bin": b"x"})),
    ("document_bomb", testing.xlsx(**{"xl/a.xml": bytes(3 * MEGABYTE)})),
    ("document_infected", testing.docx(**{"word/a.bin": bytes(looking.PIECE - 5) + EICAR})),
    ("document_damaged", testing.ofd(0)),
    ("document_too_many_pages", testing.ofd(4)),
    ("document_damaged", testing.package({"OFD.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"})),
    ("document_damaged", testing.package({"OFD.xml": b"<a><DocRoot>../x</DocRoot></a>"})),
]


@pytest.mark.parametrize(("code", "data"), PACKAGES)
def test_a_package_that_hides_runs_or_swells_is_refused(code, data):
    assert refused(data, limits=SMALL) == code


def test_a_package_that_lies_about_its_sizes_is_stopped_while_it_is_unpacked():
    data = bytearray(testing.xlsx(**{"xl/a.xml": bytes(3 * MEGABYTE)}))
    told = (3 * MEGABYTE).to_bytes(4, "little")
    assert data.count(told) == 2
    data = data.replace(told, (100).to_bytes(4, "little"))
    assert refused(bytes(data), limits=SMALL) in ("document_bomb", "document_damaged")


def test_a_package_with_a_password_is_refused():
    data = bytearray(testing.docx())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    assert refused(bytes(data)) == "document_encrypted"


def test_what_stands_behind_a_picture_is_cut_off_and_said():
    found = look(testing.jpeg() + testing.package({"evil.class": b"x"}))
    assert found.data == testing.jpeg()
    assert found.notes == (looking.CUT,)
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(found.data))


def test_a_picture_of_too_many_pixels_is_refused_undecoded():
    assert refused(testing.png(60_000, 60_000)) == "document_too_many_pixels"
    assert look(testing.png(10_000, 10_000)).width == 10_000


@pytest.mark.parametrize("data", [EICAR, testing.jpeg(comment=EICAR), testing.pdf(text="") + EICAR])
def test_the_scanners_test_string_is_always_refused(data):
    assert refused(data) == "document_infected"


def test_four_gigabytes_that_are_declared_are_refused_before_a_byte_is_read():
    def never():
        raise AssertionError("read")
        yield b""

    with pytest.raises(Refused, match="document_too_large") as no:
        looking.gather(never(), declared=4 * 2**30, limits=LIMITS)
    assert "4096" in no.value.says
    assert no.value.status == 413


def test_what_is_longer_than_it_says_is_read_to_the_limit_and_no_further():
    read = 0

    def endless():
        nonlocal read
        while True:
            read += 1
            yield bytes(looking.PIECE)

    with pytest.raises(Refused, match="document_too_large"):
        looking.gather(endless(), declared=10, limits=SMALL)
    assert read == MEGABYTE // looking.PIECE + 1


def test_twenty_megabytes_are_held_less_than_twice():
    size = 20 * MEGABYTE
    picture = testing.jpeg()[:-2]
    count = (size - len(picture) - 2) // looking.PIECE

    def pieces():
        yield picture
        for _ in range(count):
            yield b"\x55" * looking.PIECE
        yield b"\xff\xd9"

    tracemalloc.start()
    data = looking.gather(pieces(), declared=None, limits=LIMITS)
    found = look(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.data) > 19 * MEGABYTE
    assert peak < 2 * size


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.sampled_from([data for _, data, _ in TAKEN] + [b""]),
    cut=st.integers(0, 2000),
    junk=st.binary(max_size=200),
    flip=st.integers(0, 2000),
)
def test_whatever_the_bytes_the_answer_is_a_document_or_a_refusal(start, cut, junk, flip, monkeypatch):
    """The PDF's own process is left out here: 300 of them would take minutes; the test below has some."""
    monkeypatch.setattr(pdf, "count_pages", lambda data, *, most: 1)
    data = bytearray(start[:cut] + junk)
    if data:
        data[flip % len(data)] ^= 1 + flip % 255
    with suppress(Refused):
        look(bytes(data))


@settings(max_examples=10, deadline=None)
@given(at=st.integers(0, 800), junk=st.binary(min_size=1, max_size=40))
def test_whatever_stands_in_a_pdf_the_answer_is_a_document_or_a_refusal(at, junk):
    data = testing.pdf(2)
    with suppress(Refused):
        look(data[:at] + junk + data[at + len(junk) :])
