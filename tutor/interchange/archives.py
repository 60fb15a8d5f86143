"""Unpacking ZIP files from elsewhere, into memory and never further than asked."""

from __future__ import annotations

import zipfile
import zlib
from typing import Final

UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)
"""What reading an archive raises where it is broken, sealed with a password or packed in another way."""


def unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, *, most: int) -> bytes:
    """Return a member's content, cut after ``most`` bytes and one more, whatever the archive says of its size.

    Raises:
        NotImplementedError: it is neither stored nor deflated; other ways may ask for gigabytes to unpack a byte.
        Others of ``UNREADABLE``.
    """
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise NotImplementedError("only stored and deflated files are unpacked")
    with archive.open(member) as file:
        return file.read(most + 1)
