"""PDF to text: in a process of its own that can be neither slowed down nor blown up for us."""

from __future__ import annotations

import zlib

import pytest

from connectors.hostile_server import plain
from ringfence.connectors import pdf
from ringfence.connectors.errors import ConnectorError, Damaged, NotAllowed, NotDone
from ringfence.connectors.files.texts import read_text
from ringfence.connectors.pdf import read_pdf
from ringfence.connectors.rooted import Root
from ringfence.connectors.web.settings import WebSettings
from ringfence.connectors.web.tools import Web


def document(*pages, title="A title", packed=False, extra=b""):
    """A PDF with a line of text on each page."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, page in enumerate(pages):
        stream = b"BT /F1 12 Tf 72 700 Td (" + page + b") Tj ET"
        packing = b""
        if packed:
            stream, packing = zlib.compress(stream), b" /Filter /FlateDecode"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /Contents {5 + 2 * n} 0 R /Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(stream), packing, stream))
    objects.append(f"<< /Title ({title}) >>".encode())
    made, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    made += extra
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + b"trailer << /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1, len(objects), start,
    )  # fmt: skip


def test_title_and_pages():
    found = read_pdf(document(b"Hello page one", b"And two"))
    assert (found.title, found.pages) == ("A title", ("Hello page one", "And two"))


def test_a_pdf_of_the_web_has_a_section_for_each_page(wire, names, site):
    site.answers["/x.pdf"] = plain(document(b"One", b"Two"), Content_Type="application/pdf")
    page = Web(WebSettings(robots=False), names).fetch("http://a.example/x.pdf")
    assert (page.title, page.text, page.kind) == ("A title", "One\n\nTwo", "application/pdf")
    assert [(one.heading, one.text) for one in page.sections] == [("Page 1", "One"), ("Page 2", "Two")]


def test_a_pdf_among_the_files(tmp_path):
    (tmp_path / "x.pdf").write_bytes(document(b"Invoice 5"))
    assert read_text(Root(tmp_path), "x.pdf") == "Invoice 5"


WHOLE = document(b"whole")


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-",
        b"%PDF-1.4\n%%EOF",
        WHOLE[:200],
        WHOLE.replace(b"/Pages 2 0 R", b"/Pages 1 0 R"),
        b"%PDF-1.4\n" + b"<<" * 200_000,
        b"%PDF-1.4\n" + b"[" * 500_000,
        document(b"(" * 100_000),
    ],
)
def test_damaged_documents_are_errors_or_empty(data):
    try:
        found = read_pdf(data)
    except ConnectorError:
        return
    assert isinstance(found.title, str)


@pytest.mark.slow
def test_a_bomb_is_stopped():
    """One gigabyte of text operators, packed to a megabyte."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"(x) Tj " * 150_000) for _ in range(1_000)) + packer.flush()
    bomb = document(b"x").replace(b"<< /Length 32 >>", b"<< /Length %d /Filter /FlateDecode >>" % len(packed))
    start = bomb.index(b"stream\n") + 7
    with pytest.raises((Damaged, NotDone)):
        read_pdf(bomb[:start] + packed + bomb[bomb.index(b"\nendstream") :], seconds=20)


def test_one_that_takes_too_long_is_given_up(monkeypatch, tmp_path):
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(pdf, "_CHILD", slow)
    with pytest.raises(NotDone, match=r"longer than 0\.2 seconds"):
        read_pdf(WHOLE, seconds=0.2)


@pytest.mark.parametrize(
    ("program", "error"),
    [
        ("raise SystemExit(3)", NotDone), ("raise SystemExit(4)", NotAllowed), ("raise SystemExit(2)", Damaged),
        ("import os; os.kill(os.getpid(), 9)", Damaged), ("print('no json')", Damaged), ("print('[]')", Damaged),
        ("print('{\"title\": 1, \"pages\": []}')", Damaged), ("print('{\"title\": \"\", \"pages\": [1]}')", Damaged),
    ],
)  # fmt: skip
def test_what_the_child_says_is_not_believed(monkeypatch, tmp_path, program, error):
    child = tmp_path / "child.py"
    child.write_text(program)
    monkeypatch.setattr(pdf, "_CHILD", child)
    with pytest.raises(error):
        read_pdf(WHOLE)


def test_a_locked_document():
    import io

    import pypdf

    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    made = io.BytesIO()
    writer.write(made)
    with pytest.raises(NotAllowed, match="password"):
        read_pdf(made.getvalue())


def test_the_child_gets_nothing_of_the_environment(monkeypatch, tmp_path):
    child = tmp_path / "child.py"
    child.write_text("import json, os\nprint(json.dumps({'title': '', 'pages': sorted(os.environ)}))")
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setattr(pdf, "_CHILD", child)
    assert "OPENAI_API_KEY" not in read_pdf(WHOLE).pages
