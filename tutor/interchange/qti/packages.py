"""Files of questions: one XML document, or a content package (ZIP) with its manifest. Nothing is fetched."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _

from tutor.interchange.archives import UNREADABLE, unpacked
from tutor.interchange.problems import UnreadableFileError
from tutor.interchange.qti import items, older
from tutor.interchange.qti.elements import every, get, name_of
from tutor.interchange.qti.types import QuestionFile, ReadQuestion, SkippedItem, UnsupportedItemError

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_DOCUMENT: Final = 2 * 1024 * 1024
MAX_UNPACKED: Final = 32 * 1024 * 1024
MAX_MEMBERS: Final = 2_000
MAX_QUESTIONS: Final = 500
MAX_DEPTH: Final = 200
_MANIFEST: Final = "imsmanifest.xml"


def read_questions(content: bytes) -> QuestionFile:
    """Read the items of a QTI document or of a package, in the package's order.

    Every item is either read or named as skipped, with the reason.

    Raises:
        UnreadableFileError: it is neither, it holds what XML must not, or more than this takes.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableFileError(
            _("The file is larger than %(size)s MB: split it, or leave out its pictures.")
            % {"size": MAX_BYTES // 1024 // 1024}
        )
    questions: list[ReadQuestion] = []
    skipped: list[SkippedItem] = []
    for name, document in _documents(content):
        root = _parsed(document, name)
        found = [one for one in (root, *every(root, "item", "assessmentitem")) if _is_item(one)]
        for item in found:
            label = (get(item, "title") or get(item, "ident") or get(item, "identifier") or name)[:120]
            try:
                read = older.read_item(item) if name_of(item) == "item" else items.read_item(item)
            except UnsupportedItemError as error:
                skipped.append(SkippedItem(label, str(error)))
            else:
                questions.append(read)
        if len(questions) + len(skipped) > MAX_QUESTIONS:
            raise UnreadableFileError(
                _("The file holds more than %(limit)s questions: split it.") % {"limit": MAX_QUESTIONS}
            )
    if not questions and not skipped:
        raise UnreadableFileError(_("There are no questions in this file. Export them as QTI and choose that file."))
    return QuestionFile(tuple(questions), tuple(skipped))


def _is_item(element: Element) -> bool:
    return name_of(element) == "assessmentitem" or (name_of(element) == "item" and bool(every(element, "presentation")))


def _documents(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Give the documents with questions, by name."""
    if not content.startswith(b"PK"):
        yield "", content
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = _members(archive)
            wanted = _listed(archive, members) or sorted(name for name in members if name.lower().endswith(".xml"))
            for name in wanted:
                yield name, _unpacked(archive, members[name])
    except UNREADABLE as error:
        raise UnreadableFileError(_("The ZIP file cannot be read: export it again, without a password.")) from error


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the files of an archive by their names, none of which leads out of it."""
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS or sum(one.file_size for one in infos) > MAX_UNPACKED:
        raise UnreadableFileError(_("The ZIP file holds more than this takes: split it, or leave out its pictures."))
    for one in infos:
        path = one.filename.replace("\\", "/")
        if path.startswith("/") or ".." in path.split("/") or ":" in path:
            raise UnreadableFileError(_("The ZIP file holds a path that leads out of it. It is not read."))
    return {one.filename: one for one in infos if not one.is_dir()}


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    content = unpacked(archive, member, most=MAX_DOCUMENT)
    if len(content) > MAX_DOCUMENT:
        raise UnreadableFileError(
            _("“%(name)s” is larger than %(size)s MB: split it.")
            % {"name": member.filename[-80:], "size": MAX_DOCUMENT // 1024 // 1024}
        )
    return content


def _listed(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> list[str]:
    """Return the QTI documents that the manifest lists and the archive has, in the manifest's order."""
    manifest = next((name for name in members if posixpath.basename(name).lower() == _MANIFEST), None)
    if manifest is None:
        return []
    root = _parsed(_unpacked(archive, members[manifest]), manifest)
    base = posixpath.dirname(manifest)
    found = []
    for resource in every(root, "resource"):
        if "qti" not in get(resource, "type").lower():
            continue
        for reference in (get(resource, "href"), *(get(one, "href") for one in every(resource, "file"))):
            name = posixpath.normpath(posixpath.join(base, unquote(reference))) if reference else ""
            if name in members and name.lower().endswith(".xml"):
                found.append(name)
                break
    return list(dict.fromkeys(found))


def _parsed(document: bytes, name: str) -> Element:
    """Parse without entities, document types and anything from outside."""
    named = {"name": name[-80:] or _("the chosen file")}
    try:
        root: Element = ElementTree.fromstring(document, forbid_dtd=True)
    except DefusedXmlException as error:
        raise UnreadableFileError(
            _("“%(name)s” declares entities or a document type. That is not read.") % named
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableFileError(_("“%(name)s” is no well-formed XML. Export the questions again.") % named) from error
    _refuse_depth(root)
    return root


def _refuse_depth(root: Element) -> None:
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise UnreadableFileError(_("The elements of the file lie too deep in each other."))
        level = [child for element in level for child in element]
