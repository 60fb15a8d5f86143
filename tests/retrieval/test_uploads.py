"""What is uploaded: checked by its content, kept out of every folder that is served, handed back as mere data."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from llmasos.accounts.models import Person
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from llmasos.retrieval import parsing, services, sources
from llmasos.retrieval.models import Collection, Document
from llmasos.retrieval.parsing import kinds, pdf, pdf_process
from llmasos.retrieval.parsing.types import UnreadableError
from tests.canaries import in_files, make_canary
from tests.retrieval.test_parsing import pdf_saying
from tests.services import VAR


def zipped() -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("handbook.md", "# Handbook\n" * 100)
    return output.getvalue()


DISGUISED = {
    "program.txt": b"\x7fELF\x02\x01\x01\x00\x00\x00",
    "program.md": b"MZ\x90\x00\x03\x00\x00\x00",
    "archive.txt": zipped(),
    "archive.html": gzip.compress(b"<h1>Hello</h1>" * 100),
    "picture.html": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "animation.txt": b"GIF89a and then words",
    "letter.txt": b"{\\rtf1\\ansi words}",
    "paper.txt": b"%PDF-1.7\n1 0 obj",
    "words.pdf": b"These are words and no PDF.",
    "page.pdf": b"<script>alert(1)</script>" + b" " * 2000 + b"%PDF-1.7",
    "noise.jsonl": bytes(range(32)) * 20,
}


@pytest.mark.parametrize("name", DISGUISED)
def test_a_file_that_is_not_what_its_name_says_is_refused(name: str) -> None:
    found = list(sources.sources_of(name, DISGUISED[name]))
    assert [type(one) for one in found] == [sources.Refusal]
    assert isinstance(found[0], sources.Refusal)
    assert "not what its name says" in found[0].reason


@pytest.mark.parametrize(
    "content",
    [
        b"BMW drivers read this first.",
        b"PKs are primary keys.",
        b"---\ntitle: Returns\n---\n# Returns",
        b"<?xml version='1.0'?><html><body>Hello</body></html>",
        b"From: me\nTo: you\n\nA letter.",
        "退款需要三天。".encode("gb18030"),
        "退款需要三天。".encode("utf-16"),
        "Größe: 50 €".encode("cp1252"),
    ],
)
def test_ordinary_text_is_taken_for_text(content: bytes) -> None:
    assert kinds.agrees(content, media_type="text/plain")


@given(st.text(st.characters(exclude_categories=["C"]), min_size=40))
def test_text_of_any_script_is_taken_for_text(text: str) -> None:
    assert kinds.agrees(f"Notes: {text}".encode(), media_type="text/markdown")


def test_a_name_that_is_a_path_stays_a_mere_name() -> None:
    found = next(sources.sources_of("../../etc/\x00\x1bpasswd.txt", b"root"))
    assert isinstance(found, sources.Source)
    assert Document(external_id=found.external_id).file_name == "passwd.txt"


def test_a_page_of_scripts_gives_its_text_alone() -> None:
    page = b"""<h1>Lamps</h1><script>steal()</script><img src=x onerror="steal()"><a href="javascript:steal()">Glow</a>
      <svg><script>steal()</script></svg><style>@import url(//evil.example)</style><template>steal()</template>"""
    document = parsing.read(page, media_type="text/html", name="lamps.html")
    text = " ".join(section.text for section in document.sections)
    assert "Glow" in text
    assert "steal" not in text
    assert "evil" not in text


def test_an_entity_bomb_in_a_page_does_not_unfold() -> None:
    layers = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    page = f'<!DOCTYPE html [<!ENTITY l0 "ha">{layers}]><html><body>&l9;</body></html>'.encode()
    document = parsing.read(page, media_type="text/html", name="bomb.html")
    assert sum(len(section.text) for section in document.sections) < 10_000


@pytest.mark.parametrize("element", [b"<div>", b"<b class=1>", b"<DIV\n>", b"<x-y>"])
def test_a_page_nested_without_end_is_refused_before_it_is_parsed(element: bytes) -> None:
    with pytest.raises(UnreadableError, match="nested"):
        parsing.read(element * 1_000_000 + b"deep", media_type="text/html", name="deep.html")


def test_a_long_page_with_sloppy_tags_is_read() -> None:
    page = b"<table>" + b"<tr><td>one<td>two<p>three<br><img src=x><li>four" * 20_000 + b"</table>end"
    document = parsing.read(page, media_type="text/html", name="long.html")
    assert "end" in document.sections[0].text


def pdf_with_stream(content: bytes, *, packed: bytes) -> bytes:
    """A PDF whose page's content is a stream that was packed in advance."""
    plain = pdf_saying("x")
    head, _, rest = plain.partition(b"stream\n")
    _, _, tail = rest.partition(b"endstream")
    before, _, _ = head.rpartition(b"<<")
    header = b"<< /Length %d /Filter /FlateDecode >>\n" % len(packed)
    return before + header + b"stream\n" + packed + b"\nendstream" + tail


def test_a_pdf_that_unpacks_to_gigabytes_is_refused_in_a_process_of_its_own() -> None:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(512)) + packer.flush()
    bomb = pdf_with_stream(b"", packed=packed)
    assert len(bomb) < 1_000_000
    with pytest.raises(UnreadableError):
        parsing.read(bomb, media_type="application/pdf", name="bomb.pdf")


def test_a_pdf_process_that_runs_out_of_memory_or_time_refuses_the_document(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    greedy = tmp_path / "greedy.py"
    limits = "resource.setrlimit(resource.RLIMIT_AS, (1 << 28, 1 << 28))"
    greedy.write_text(f"import resource, sys\nsys.stdin.buffer.read()\n{limits}\nx = b'x' * (1 << 29)\n")
    monkeypatch.setattr(pdf, "_PROCESS", greedy)
    with pytest.raises(UnreadableError, match="damaged"):
        pdf.read(b"%PDF-1.7", fallback_title="x")
    # In time, it would be read.
    greedy.write_text("import time\ntime.sleep(20)\nprint('{\"pages\": []}')\n")
    with pytest.raises(UnreadableError, match="damaged"):
        pdf.read(b"%PDF-1.7", fallback_title="x", seconds=1)


def test_the_pdf_process_knows_nothing_of_the_platform() -> None:
    source = Path(pdf_process.__file__).read_text()
    assert "llmasos" not in source.partition('"""')[2].partition('"""')[2]
    assert "django" not in source


def test_the_two_bounds_of_pages_are_one() -> None:
    assert pdf.MAX_PAGES == pdf_process.MAX_PAGES


@pytest.fixture
def page(client: Client, owner: Person) -> Client:
    client.force_login(owner)
    return client


def upload(page: Client, collection: Collection, name: str, content: bytes) -> Document:
    page.post(f"/o/shop/knowledge/{collection.pk}/upload/", {"file": SimpleUploadedFile(name, content)})
    with acting_in(collection.organisation_id):
        return Document.objects.get(collection=collection)


def test_an_upload_leaves_no_file_behind(page: Client, collection: Collection) -> None:
    canary = make_canary()
    content = f"# About {canary}\n".encode() + b"word " * 600_000
    assert len(content) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    upload(page, collection, f"{canary}.md", content)
    assert in_files([canary], folder=VAR, leave_out=["services", "static"]) == []


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    page: Client, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmasos.retrieval.forms.MAX_BYTES", 10)
    file = SimpleUploadedFile("long.txt", b"eleven long")
    answer = page.post(f"/o/shop/knowledge/{collection.pk}/upload/", {"file": file})
    assert answer.status_code == 422
    assert "larger than" in answer.text


def test_an_original_comes_back_as_data_that_no_browser_opens(page: Client, collection: Collection) -> None:
    content = b"<h1>Lamps</h1><script>steal()</script>"
    document = upload(page, collection, 'a "b"; filename=c.html', content)
    answer = page.get(f"/o/shop/knowledge/documents/{document.pk}/original/")
    assert answer.content == content
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]


def test_handing_an_original_out_is_recorded(page: Client, collection: Collection) -> None:
    document = upload(page, collection, "lamps.txt", b"Lamps glow.")
    page.get(f"/o/shop/knowledge/documents/{document.pk}/original/")
    with acting_in(collection.organisation_id):
        assert Entry.objects.filter(action="retrieval.download", object_id=document.pk).count() == 1


def test_an_original_does_not_exist_for_strangers(
    client: Client, stranger: Person, principal: Principal, collection: Collection
) -> None:
    services.import_upload(principal, collection=collection, name="lamps.txt", content=b"Lamps glow.")
    with acting_in(collection.organisation_id):
        document = Document.objects.get()
    client.force_login(stranger)
    for slug in ("shop", "clinic"):
        assert client.get(f"/o/{slug}/knowledge/documents/{document.pk}/original/").status_code == 404
