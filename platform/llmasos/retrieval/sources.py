"""What may be imported: files, folders of them, and lines of JSONL. Reads, and writes nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from llmasos.retrieval import parsing
from llmasos.retrieval.parsing import kinds
from llmasos.retrieval.parsing.reading import LINES, RECORD

MAX_BYTES = 64 * 1024 * 1024
MAX_LINES_BYTES = 1024 * 1024 * 1024
MAX_ID = 500


@dataclass(frozen=True, slots=True)
class Source:
    """One document to import, under the id that the importer knows it by. A record's id was chosen by hand."""

    external_id: str
    media_type: str
    content: bytes
    url: str = ""

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def is_record(self) -> bool:
        return self.media_type == RECORD


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that cannot be imported: a file, or a line of one, and why."""

    name: str
    line: int | None
    reason: str


def sources_in(path: Path) -> Iterator[Source | Refusal]:
    """Yield the documents of a file or, in the order of their names, of a folder and the folders in it."""
    if not path.is_dir():
        yield from _file(path, path.name)
        return
    for inner in sorted(path.rglob("*")):
        name = inner.relative_to(path)
        if inner.is_file() and not any(part.startswith(".") for part in name.parts):
            yield from _file(inner, name.as_posix())


def sources_of(name: str, content: bytes) -> Iterator[Source | Refusal]:
    """Yield the documents of an uploaded file."""
    media_type = parsing.media_type_of(name)
    if not media_type:
        yield Refusal(name, None, _unknown_kind())
    elif len(content) > MAX_BYTES:
        yield Refusal(name, None, _too_large())
    elif not content.strip():
        yield Refusal(name, None, _("The file is empty."))
    elif not kinds.agrees(content, media_type=media_type):
        yield Refusal(name, None, _("The file's content is not what its name says."))
    elif media_type == LINES:
        yield from _lines(name, content.splitlines())
    else:
        yield Source(_kept_name(name), media_type, content)


def _file(path: Path, name: str) -> Iterator[Source | Refusal]:
    media_type = parsing.media_type_of(name)
    try:
        size = path.stat().st_size
        if media_type == LINES and size <= MAX_LINES_BYTES:
            with path.open("rb") as lines:
                yield from _lines(name, lines)
        elif size > MAX_BYTES:
            yield Refusal(name, None, _too_large())
        else:
            yield from sources_of(name, path.read_bytes() if media_type else b"")
    except OSError as error:
        yield Refusal(name, None, error.strerror or _("The file cannot be read."))


def _lines(name: str, lines: Any) -> Iterator[Source | Refusal]:
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            source = _record(line)
        except ValueError as error:
            yield Refusal(name, number, str(error))
            continue
        if source.external_id in seen:
            yield Refusal(name, number, _("The id %(id)s occurs twice in this file.") % {"id": source.external_id})
            continue
        seen.add(source.external_id)
        yield source


def _record(line: bytes) -> Source:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError(_("The line is no JSON.")) from None
    if not isinstance(values, dict):
        raise ValueError(_("The line is no JSON object."))  # noqa: TRY004 - one kind of refusal
    identifier = values.get("id")
    if not isinstance(identifier, str | int) or isinstance(identifier, bool) or not str(identifier).strip():
        raise ValueError(_("The line has no id."))
    if len(str(identifier)) > MAX_ID or "\x00" in str(identifier):
        raise ValueError(_("The id is too long or holds forbidden characters."))
    fields = ("question", "answer") if "question" in values else ("title", "text")
    kept = {name: values.get(name) for name in (*fields, "url") if values.get(name) is not None}
    if any(not isinstance(value, str) for value in kept.values()):
        raise ValueError(_("Title, text, question, answer and url must be strings."))
    if not any(str(kept.get(name, "")).strip() for name in (fields[0] if fields[0] == "question" else fields[1],)):
        raise ValueError(_("The line has no text."))
    content = json.dumps(kept, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
    return Source(str(identifier), RECORD, content)


def _kept_name(name: str) -> str:
    """Return a file's name without what could be no part of one: it names the document, never a place."""
    return "".join(letter for letter in name if letter.isprintable())[:MAX_ID] or "document"


def _too_large() -> str:
    return _("The file is larger than %(size)s MB.") % {"size": MAX_BYTES // 1024 // 1024}


def _unknown_kind() -> str:
    kinds = ", ".join(sorted(parsing.MEDIA_TYPES))
    return _("Files of this kind cannot be imported. Known kinds: %(kinds)s.") % {"kinds": kinds}
