"""Reads one PDF in a process of its own: content on standard input, JSON on standard output.

Run as a script by :mod:`llmasos.retrieval.parsing.pdf`. A PDF is a program in disguise: streams that unpack to
gigabytes, pages that call each other. Whatever it does, it does here, with little memory and time, no files to
write, and nothing of the platform loaded.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import sys

MEMORY_BYTES = 1_536 * 1024 * 1024
CPU_SECONDS = 240
MAX_PAGES = 2_000
MAX_CHARACTERS = 20_000_000


def main() -> None:
    """Print ``{title, pages}``, or ``{refused}`` with one of protected, pages, length, damaged."""
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
    # Loaded here, after the limits, and in this process alone.
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            return {"refused": "protected"}
        if len(reader.pages) > MAX_PAGES:
            return {"refused": "pages"}
        pages: list[str] = []
        total = 0
        for page in reader.pages:
            text = page.extract_text()
            total += len(text)
            if total > MAX_CHARACTERS:
                return {"refused": "length"}
            pages.append(text)
        title = str((reader.metadata.title if reader.metadata else "") or "").strip()
    # Damaged files fail in every way there is; the process holds nothing that could be left half done.
    except Exception:  # noqa: BLE001
        return {"refused": "damaged"}
    return {"title": title, "pages": pages}


if __name__ == "__main__":
    main()
