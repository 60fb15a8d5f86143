"""The archive of one's own record: a page to read, the same as data, and the files that were handed in."""

from __future__ import annotations

import json
import zipfile
from base64 import b64decode
from pathlib import Path
from typing import IO, Any, Final

from django.template.loader import render_to_string
from django.utils.dateparse import parse_datetime

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.models import AnswerFile
from tutor.own_record.gathering import files_of, gather, path_of
from tutor.work.access import own_learner

STYLE: Final = Path(__file__).parents[1] / "static" / "tutor" / "own_record" / "record.css"
_MOMENTS: Final = frozenset(
    {"exported_at", "enrolled_at", "left_at", "begun_at", "handed_in_at", "released_at", "at", "answered_at",
     "look_again_at", "last_answer_at"}
)  # fmt: skip


def write_archive(principal: Principal, school: str, into: IO[bytes]) -> None:
    """Write the signed-in learner's record. Raises PermissionDenied for everybody else.

    Files are opened one after another, so that many of them need no more room in memory than one.
    """
    with acting_in(principal.organisation_id):
        learner = own_learner(principal)
        content = gather(learner, school=school)
        files = files_of(learner)
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.own_record_exported",
            subject=Ref("learner", learner.pk),
            purpose="rights",
            digests={"courses": len(content["courses"]), "files": len(files)},
        )
        with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("record.json", json.dumps(content, ensure_ascii=False, indent=2))
            archive.writestr(
                "record.html", render_to_string("tutor/own_record/record.html", {"record": _readable(content)})
            )
            archive.writestr("record.css", STYLE.read_bytes())
            for file in files:
                stored = AnswerFile.objects.for_organisation(principal.organisation_id).get(pk=file.pk)
                archive.writestr(path_of(file.pk, file.name), b64decode(stored.content))


def _readable(value: Any, key: str = "") -> Any:
    """Return the record with its times as moments, which the page writes in the reader's way."""
    if isinstance(value, dict):
        return {name: _readable(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_readable(one) for one in value]
    return parse_datetime(value) if key in _MOMENTS and isinstance(value, str) else value
