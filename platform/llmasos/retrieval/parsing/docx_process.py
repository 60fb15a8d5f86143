"""Reads one DOCX in a process of its own: content on standard input, JSON on standard output.

Run as a script by :mod:`llmasos.retrieval.parsing.docx`. A DOCX is an archive that can unpack to gigabytes; whatever it
does, it does here, with little memory and time, no files to write, and nothing of the platform loaded.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

MEMORY_BYTES = 768 * 1024 * 1024
CPU_SECONDS = 15
UNPACKED_BYTES = 64 * 1024 * 1024
PARTS = 2_000
MAX_CHARACTERS = 1_000_000
# Word has nine levels; a file can name any number, and each open heading is kept with each section.
_HEADING = re.compile(r"Heading [1-9]")


def main() -> None:
    """Print ``{lines}``, pairs of a heading's level (0 for the title, null for text) and its words, or ``{refused}``.

    What is refused is one of size, length, damaged.
    """
    content = sys.stdin.buffer.read()
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # Not every system knows each of them.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))
    print(json.dumps(_read(content)))


def _read(content: bytes) -> dict[str, object]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            # The sizes that the archive states bind the reader: it stops there and misses the checksum.
            if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED_BYTES:
                return {"refused": "size"}
        # Loaded here, after the limits, and in this process alone.
        from docx import Document

        lines: list[tuple[int | None, str]] = []
        total = 0
        for level, line in _lines(Document(io.BytesIO(content))):
            total += len(line) + 1
            if total > MAX_CHARACTERS:
                return {"refused": "length"}
            lines.append((level, line))
    # Damaged files fail in every way there is; the process holds nothing that could be left half done.
    except Exception:  # noqa: BLE001
        return {"refused": "damaged"}
    return {"lines": lines}


def _lines(container: Any) -> Iterator[tuple[int | None, str]]:
    """Yield paragraphs and rows of tables in the order in which they stand in the document."""
    for block in container.iter_inner_content():
        if hasattr(block, "rows"):
            for row in block.rows:
                cells: list[str] = []
                for cell in row.cells:
                    text = " ".join(line for _, line in _lines(cell) if line)
                    # Merged cells come once for each column that they cover.
                    if not cells or cells[-1] != text:
                        cells.append(text)
                yield None, "\t".join(cells)
        else:
            yield _level(block), block.text


def _level(paragraph: Any) -> int | None:
    """Return the level of a heading that says something: the styles have these names in every language of Word."""
    style = (paragraph.style.name or "") if paragraph.style is not None and paragraph.text.strip() else ""
    if style == "Title":
        return 0
    return int(style[-1]) if _HEADING.fullmatch(style) else None


if __name__ == "__main__":
    main()
