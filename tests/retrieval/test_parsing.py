from __future__ import annotations

import io

import pytest
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from llmasos.retrieval import parsing
from llmasos.retrieval.parsing import table
from llmasos.retrieval.parsing.types import UnreadableError


def pdf_saying(text: str) -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(width=300, height=200)
    font = DictionaryObject(
        {NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
         NameObject("/BaseFont"): NameObject("/Helvetica")}
    )  # fmt: skip
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
    )
    stream = DecodedStreamObject()
    stream.set_data(f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode())
    page[NameObject("/Contents")] = stream
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def test_a_pdf_gives_its_text() -> None:
    document = parsing.read(pdf_saying("Lamps last two years"), media_type="application/pdf", name="lamps.pdf")
    assert "Lamps last two years" in document.sections[0].text


def test_a_pdf_without_text_is_refused_with_the_reason() -> None:
    with pytest.raises(UnreadableError, match="no text"):
        parsing.read(pdf_saying(""), media_type="application/pdf", name="scan.pdf")


def test_a_damaged_pdf_is_refused_with_the_reason() -> None:
    with pytest.raises(UnreadableError, match="damaged"):
        parsing.read(b"%PDF-1.7 nothing", media_type="application/pdf", name="broken.pdf")


def test_html_is_read_by_its_headings_without_furniture() -> None:
    page = b"""<html><head><title>Shop</title><script>alert(1)</script></head><body><nav>Menu</nav><main>
      <h1>Returns</h1><p>Thirty <b>days</b>.</p><h2>Costs</h2><ul><li>Free</li><li>Fast</li></ul></main>"""

    document = parsing.read(page, media_type="text/html", name="returns.html")

    assert document.title == "Returns"
    assert [(one.heading_path, one.text) for one in document.sections] == [
        ((), "Thirty days."),
        (("Costs",), "Free\nFast"),
    ]


@pytest.mark.parametrize(
    ("encoding", "words"), [("iso-8859-1", "Größe der Tür: 2 m für 30 €-Käufer"), ("gbk", "上海门店每天上午十点开门。")]
)
def test_a_page_is_read_in_the_encoding_that_it_names(encoding: str, words: str) -> None:
    page = f'<html><head><meta charset="{encoding}"><title>{words}</title></head><body><p>{words}</p></body></html>'
    content = page.encode("cp1252" if encoding == "iso-8859-1" else encoding)
    document = parsing.read(content, media_type="text/html", name="page.html")
    assert (document.title, document.sections[0].text) == (words, words)


def test_western_text_in_its_old_encoding_is_not_taken_for_chinese() -> None:
    document = parsing.read("Für Größe und Tür".encode("cp1252"), media_type="text/plain", name="t.txt")
    assert document.sections[0].text == "Für Größe und Tür"


def test_a_word_document_is_read_by_its_headings_with_its_tables() -> None:
    written = Document()
    written.add_heading("Rain jacket", 0)
    written.add_heading("Washing", 1)
    written.add_paragraph("At 30 degrees.")
    for cell, text in zip(written.add_table(1, 2).rows[0].cells, ("Size", "M"), strict=True):
        cell.text = text
    content = io.BytesIO()
    written.save(content)

    document = parsing.read(content.getvalue(), media_type=parsing.media_type_of("jacket.docx"), name="jacket.docx")

    assert document.title == "Rain jacket"
    assert [(one.heading_path, one.text) for one in document.sections] == [(("Washing",), "At 30 degrees.\nSize\tM")]


def test_a_word_document_has_the_nine_levels_of_headings_that_word_has() -> None:
    written = Document()
    written.add_heading("Rain jacket", 0)
    for level, text in ((1, "Washing"), (6000, "Deep down")):
        style = f"Heading {level}"
        if level > 9:
            written.styles.add_style(style, WD_STYLE_TYPE.PARAGRAPH)
        written.add_paragraph(text, style=style)
    content = io.BytesIO()
    written.save(content)

    document = parsing.read(content.getvalue(), media_type=parsing.media_type_of("jacket.docx"), name="jacket.docx")

    assert [(one.heading_path, one.text) for one in document.sections] == [(("Washing",), "Deep down")]


def test_each_row_of_a_table_names_its_columns() -> None:
    prices = "article;price\nKayak;1.290 €\n;\nPaddle;89 €\n".encode("cp1252")
    document = parsing.read(prices, media_type="text/csv", name="prices.csv")
    assert document.sections[0].text == "article: Kayak; price: 1.290 €\n\narticle: Paddle; price: 89 €"


def test_a_cell_of_several_lines_stays_one_cell_of_one_row() -> None:
    notes = 'article,note\nKayak,"one\ntwo\x0cthree\u2028four"\n'.encode()
    document = parsing.read(notes, media_type="text/csv", name="notes.csv")
    assert document.sections[0].text == "article: Kayak; note: one two three four"


def test_a_table_is_refused_that_becomes_far_longer_than_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"a" * 130_000 + b"\na" * 4_000
    document = parsing.read(content, media_type="text/csv", name="long.csv")
    assert document.sections[0].text.startswith("a" * 100 + ": a\n\n")
    monkeypatch.setattr(table, "MAX_CHARACTERS", 400_000)
    with pytest.raises(UnreadableError, match="too long"):
        parsing.read(content, media_type="text/csv", name="long.csv")


def test_markdown_headings_become_paths_and_code_does_not() -> None:
    text = b"# Guide\nHello.\n## Install\nRun it.\n### Linux\n```\n# no heading\n```\n## Use\nGo."

    document = parsing.read(text, media_type="text/markdown", name="guide.md")

    assert document.title == "Guide"
    assert [one.heading_path for one in document.sections] == [(), ("Install",), ("Install", "Linux"), ("Use",)]
    assert "# no heading" in document.sections[2].text


def test_chinese_text_in_its_old_encoding_is_read() -> None:
    document = parsing.read("退款需要三天。".encode("gb18030"), media_type="text/plain", name="退款.txt")
    assert document.sections[0].text == "退款需要三天。"
