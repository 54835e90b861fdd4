"""What is taken and what is refused, by the bytes alone."""

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bancheng.kernel.documents import testing
from bancheng.kernel.documents.rules import kinds, names, packages, pictures, refusals, sniffing
from bancheng.kernel.documents.rules.kinds import Kind, Limits
from bancheng.lib.refusal import Refused

ARCHIVE = testing.package({"a.txt": b"a"})
KINDS = {
    Kind.PDF: testing.pdf(),
    Kind.JPEG: testing.jpeg(),
    Kind.PNG: testing.png(),
    Kind.WEBP: testing.webp(),
    None: testing.docx(),  # a package: its parts are asked
}


def code_of(call, *args, **named) -> str:
    with pytest.raises(Refused) as no:
        call(*args, **named)
    return no.value.code


@pytest.mark.parametrize(("kind", "data"), KINDS.items())
def test_a_file_is_what_its_first_bytes_are(kind, data):
    assert sniffing.kind_of(data) is kind


REFUSED = [
    ("document_active", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
    ("document_active", b'\xef\xbb\xbf<?xml version="1.0"?><!DOCTYPE svg>'),
    ("document_active", "<!DOCTYPE html><html>".encode("utf-16")),
    ("document_active", b"   \n<HTML><body onload=x>"),
    ("document_active", b"GIF89a/*<script>*/"),
    ("document_program", b"MZ\x90\0"),
    ("document_program", b"\x7fELF\x02"),
    ("document_program", b"#!/bin/sh\nrm -rf ~"),
    ("document_archive", b"Rar!\x1a\x07\x00"),
    ("document_archive", b"7z\xbc\xaf\x27\x1c\0"),
    ("document_archive", b"\x1f\x8b\x08\0"),
    ("document_archive", b"PK\x05\x06" + bytes(18)),
    ("document_old_office", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    ("document_heic", b"\0\0\0\x24ftypheic\0\0\0\0mif1heic"),
    ("document_two_in_one", b"junk\n" + testing.pdf()),
    ("document_two_in_one", b"\xef\xbb\xbf" + testing.pdf()),
    ("document_unknown_kind", b"GIF89a"),
    ("document_unknown_kind", "一段文字".encode()),
]


@pytest.mark.parametrize(("code", "data"), REFUSED)
def test_what_is_none_of_the_kinds_is_refused_with_its_own_sentence(code, data):
    """F14: svg, html, scripts, programs, archives, leading bytes"""
    assert code_of(sniffing.kind_of, data) == code


FRAMES = [
    ("document_two_in_one", testing.pdf() + ARCHIVE),
    ("document_two_in_one", testing.pdf() + b"<script>alert(1)</script>"),
    # the archive's comment holds an end of PDF, so that both kinds of reader are content
    (
        "document_two_in_one",
        testing.pdf() + ARCHIVE[:-2] + (6).to_bytes(2, "little") + b"%%EOF\n",
    ),
    ("document_two_in_one", testing.pdf(objects=("(Rar!\x1a\x07\x00)",))),
    ("document_damaged", testing.pdf()[:-8]),
    ("document_damaged", b"%PDF-1.7\n"),
]


@pytest.mark.parametrize(("code", "data"), FRAMES)
def test_a_pdf_with_something_behind_it_or_within_is_refused(code, data):
    assert code_of(sniffing.check_pdf_frame, data) == code


@pytest.mark.parametrize("end", [b"", b"\r\n", b"\n\n\0\0\0"])
def test_blanks_behind_a_pdf_are_no_fault(end):
    sniffing.check_pdf_frame(testing.pdf() + end)


@pytest.mark.parametrize("kind", sorted(kinds.PICTURES))
@pytest.mark.parametrize("size", [(1, 1), (640, 480), (16_000, 9_000)])
def test_a_picture_says_how_large_it_is_and_where_it_ends(kind, size):
    data = {Kind.JPEG: testing.jpeg, Kind.PNG: testing.png, Kind.WEBP: testing.webp}[kind](*size)
    for behind in (b"", ARCHIVE, b"\xff\xd8\xff\xd9"):
        assert pictures.measure(kind, data + behind) == pictures.Picture(*size, len(data))


def test_the_other_two_forms_of_webp_are_measured_too():
    lossy = b"\x30\x01\x00\x9d\x01\x2a" + (640).to_bytes(2, "little") + (480 | 0x4000).to_bytes(2, "little") + bytes(8)
    lossless = b"\x2f" + (639 | 479 << 14).to_bytes(4, "little") + bytes(10)
    for name, body in ((b"VP8 ", lossy), (b"VP8L", lossless)):
        chunk = b"WEBP" + name + len(body).to_bytes(4, "little") + body
        data = b"RIFF" + len(chunk).to_bytes(4, "little") + chunk
        assert pictures.measure(Kind.WEBP, data) == pictures.Picture(640, 480, len(data))


@pytest.mark.parametrize("kind", sorted(kinds.PICTURES))
def test_a_picture_cut_anywhere_is_damaged(kind):
    data = KINDS[kind]
    for end in range(12, len(data)):
        assert code_of(pictures.measure, kind, data[:end]) == "document_damaged"


def test_a_thumbnail_inside_a_jpeg_is_not_its_end():
    data = testing.jpeg(comment=testing.jpeg(1, 1))
    assert pictures.measure(Kind.JPEG, data) == pictures.Picture(2, 2, len(data))


BOUNDS = Limits(bytes=100, pages=3, pixels=100)


def test_the_bounds_are_included():
    kinds.check_size(100, BOUNDS)
    kinds.check_pages(3, BOUNDS)
    kinds.check_pages(None, BOUNDS)
    kinds.check_pixels(10, 10, BOUNDS)
    assert code_of(kinds.check_size, 101, BOUNDS) == "document_too_large"
    assert code_of(kinds.check_size, 0, BOUNDS) == "document_empty"
    assert code_of(kinds.check_pages, 4, BOUNDS) == "document_too_many_pages"
    assert code_of(kinds.check_pages, 0, BOUNDS) == "document_damaged"
    assert code_of(kinds.check_pixels, 101, 1, BOUNDS) == "document_too_many_pixels"
    assert code_of(kinds.check_pixels, 0, 1, BOUNDS) == "document_damaged"


def test_a_kind_that_a_material_does_not_accept_is_refused_by_naming_those_it_does():
    with pytest.raises(Refused) as no:
        kinds.check_accepted(Kind.XLSX, {Kind.PNG, Kind.PDF})
    assert no.value.code == "document_kind_not_accepted"
    assert "PDF、PNG 图片" in no.value.says
    assert "PDF, PNG picture" in no.value.en


def part(name="OFD.xml", *, size=10, offset=0, encrypted=False) -> packages.Part:
    return packages.Part(name, size, offset, encrypted)


PARTS = [
    ("document_two_in_one", []),
    ("document_two_in_one", [part(offset=4)]),
    ("document_two_in_one", [part(), part(offset=9)]),
    ("document_bomb", [part(size=1001)]),
    ("document_bomb", [part(), part("a", size=991)]),
    ("document_bomb", [part(str(n), size=0) for n in range(packages.MOST_PARTS + 1)]),
    ("document_archive", [part("a.pdf")]),
    ("document_two_in_one", [part(), *map(part, ("[Content_Types].xml", "xl/workbook.xml"))]),
    ("document_encrypted", [part(encrypted=True)]),
    ("document_encrypted", [part(), part("Encryptions.xml")]),
    *[("document_two_in_one", [part(), part(name)]) for name in ("../a", "a/../../b", "/a", "a\\b", "c:a", "a\0b")],
    *[
        ("document_runs", [part(), part(name)])
        for name in ("word/vbaProject.bin", "x/a.EXE", "word/activeX/activeX1.bin")
    ],
]


@pytest.mark.parametrize(("code", "parts"), PARTS)
def test_a_package_is_refused_for_what_its_list_shows(code, parts):
    assert code_of(packages.check_parts, parts, most=1000) == code


NAMES = [
    ("营业执照.pdf", "营业执照.pdf"),
    ("../../etc/passwd", "passwd.pdf"),
    ("C:\\Users\\张三\\桌面\\照片.JPG", "照片.pdf"),
    ("a\0b.pdf", "ab.pdf"),
    ("invoice\u202egpj.exe", "invoicegpj.pdf"),
    ('a"b;c\r\nX-Header: 1.pdf', "abcX-Header 1.pdf"),
    (".htaccess", "htaccess.pdf"),
    ("..", "文件.pdf"),
    ("", "文件.pdf"),
    ("report.final.v2.docx", "report.final.v2.pdf"),
    ("长" * 300 + ".pdf", "长" * names.LONGEST + ".pdf"),
]


@pytest.mark.parametrize(("given_name", "shown"), NAMES)
def test_a_name_loses_path_and_tricks_and_gets_the_ending_of_what_it_is(given_name, shown):
    assert names.clean(given_name, Kind.PDF) == shown


@settings(deadline=None)
@given(st.text())
def test_no_name_leads_anywhere_or_breaks_a_line(name):
    shown = names.clean(name, Kind.PNG)
    assert shown.endswith(".png")
    assert len(shown) <= names.LONGEST + 4
    assert not set(shown) & set('/\\\0\r\n"<>:;')
    assert not shown.startswith(".")
    assert names.clean(shown, Kind.PNG) == shown
    shown.encode()


@pytest.mark.parametrize("code", sorted(refusals.SENTENCES))
def test_every_refusal_says_in_both_languages_what_happened_and_what_to_do(code):
    values = dict.fromkeys(("size", "limit", "pages", "kind", "kinds"), kinds.SAYS[Kind.PDF])
    refused = refusals.no(code, **values)
    assert "{" not in refused.says + refused.en
    assert "请" in refused.says
    assert "lease" in refused.en


@settings(max_examples=300, deadline=None)
@given(start=st.sampled_from([*KINDS.values(), b""]), cut=st.integers(0, 300), junk=st.binary(max_size=300))
@example(start=testing.pdf(), cut=300, junk=b"PK\x05\x06")
def test_whatever_the_bytes_the_rules_answer_or_refuse(start, cut, junk):
    data = start[:cut] + junk
    for rule in (
        sniffing.kind_of,
        sniffing.check_pdf_frame,
        sniffing.check_malware_test,
        sniffing.holds_archive,
        packages.check_frame,
        *(lambda data, kind=kind: pictures.measure(kind, data) for kind in sorted(kinds.PICTURES)),
    ):
        with suppress(Refused):
            rule(data)
