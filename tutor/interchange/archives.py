"""Opening zip files that strangers made: no path leaves the archive, and nothing grows without bound."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from tutor.interchange.problems import UnreadableFileError

MAX_MEMBERS = 2_000
MAX_UNPACKED = 64 * 1024 * 1024
MAX_RATIO = 200
_BLOCK = 64 * 1024


def is_archive(content: bytes) -> bool:
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def read_archive(content: bytes, *, suffixes: tuple[str, ...]) -> dict[str, bytes]:
    """Return the files of a zip whose names end in one of ``suffixes``, by their paths inside it.

    What a member says of its size is not believed: reading stops at the limit.

    Raises:
        UnreadableFileError: the archive is broken, encrypted, holds a path that leads out of it or a name twice,
            or unpacks to more than this takes.
    """
    found: dict[str, bytes] = {}
    left = MAX_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                raise UnreadableFileError(_("The archive holds more than %(limit)s files.") % {"limit": MAX_MEMBERS})
            for member in members:
                name = _path(member)
                if member.is_dir() or not name.casefold().endswith(suffixes) or "__MACOSX" in name:
                    continue
                if name in found:
                    raise UnreadableFileError(_("The archive holds a file twice: make it again."))
                found[name] = _unpacked(archive, member, left)
                left -= len(found[name])
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError):
        raise UnreadableFileError(_("The archive is broken or encrypted: make it again without a password.")) from None
    return found


def _path(member: zipfile.ZipInfo) -> str:
    name = member.filename.replace("\\", "/")
    path = PurePosixPath(name)
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name or is_link:
        raise UnreadableFileError(_("The archive holds a path that leads out of it. Nothing was read."))
    return str(path)


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> bytes:
    if member.flag_bits & 0x1:
        raise UnreadableFileError(_("The archive is broken or encrypted: make it again without a password."))
    limit = min(left, max(member.compress_size, 1_024) * MAX_RATIO)
    out = io.BytesIO()
    with archive.open(member) as source:
        while block := source.read(_BLOCK):
            out.write(block)
            if out.tell() > limit:
                raise UnreadableFileError(_("The archive unpacks to more than this takes. Nothing was read."))
    return out.getvalue()
