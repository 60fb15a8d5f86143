"""Opening roster files: a ZIP of OneRoster CSV files, or one of them. Nothing is written to disk."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from tutor.interchange.archives import UNREADABLE, unpacked
from tutor.interchange.problems import UnreadableFileError
from tutor.interchange.tables import MAX_BYTES, Table, find, read_table

NAMES: Final = ("manifest", "orgs", "academicSessions", "courses", "classes", "users", "roles", "enrollments")
MOST_FILES: Final = 60
MOST_BYTES: Final = 32 * 1024 * 1024
"""Of all files together, unpacked."""
_BY_NAME: Final = {f"{name}.csv".casefold(): name for name in NAMES}
# What only this file has, where its name does not say.
_TELLING: Final = (
    ("enrollments", ("classSourcedId", "userSourcedId")),
    ("roles", ("userSourcedId", "roleType")),
    ("classes", ("courseSourcedId", "classType")),
    ("academicSessions", ("startDate", "endDate")),
    ("users", ("givenName", "familyName")),
)


def read_files(content: bytes) -> Mapping[str, Table]:
    """Return the tables of an upload by their OneRoster names; files that are no part of it are passed over.

    Raises:
        UnreadableFileError: no ZIP and no OneRoster table, or larger than this takes.
    """
    if not content.startswith(b"PK"):
        table = read_table(content)
        return {_name_of(table): table}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = _unpacked(archive)
    except UNREADABLE as error:
        raise UnreadableFileError(_("This ZIP file cannot be opened. Make it again, without a password.")) from error
    if not found:
        raise UnreadableFileError(
            _("The ZIP holds none of the OneRoster files: %(names)s.") % {"names": ", ".join(_BY_NAME)}
        )
    return {name: _table(name, text) for name, text in found.items()}


def _unpacked(archive: zipfile.ZipFile) -> dict[str, bytes]:
    members = archive.infolist()
    if len(members) > MOST_FILES:
        raise UnreadableFileError(_("The ZIP holds more than %(most)s files.") % {"most": MOST_FILES})
    found: dict[str, bytes] = {}
    left = MOST_BYTES
    for member in members:
        name = _BY_NAME.get(member.filename.rpartition("/")[2].casefold())
        if name is None or member.is_dir() or "__MACOSX" in member.filename:
            continue
        if name in found:
            raise UnreadableFileError(_("The ZIP holds %(name)s.csv twice.") % {"name": name})
        text = unpacked(archive, member, most=min(MAX_BYTES, left))
        left -= len(text)
        if len(text) > MAX_BYTES or left < 0:
            raise UnreadableFileError(_("%(name)s.csv is too large: split the export.") % {"name": name})
        found[name] = text
    return found


def _table(name: str, content: bytes) -> Table:
    try:
        return read_table(content)
    except UnreadableFileError as error:
        raise UnreadableFileError(f"{name}.csv: {error}") from error


def _name_of(table: Table) -> str:
    for name, columns in _TELLING:
        if all(find(table.columns, column) for column in columns):
            return name
    raise UnreadableFileError(
        _("This is no OneRoster file that can be told alone: upload the ZIP, or users, classes or enrollments as CSV.")
    )
