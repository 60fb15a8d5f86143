from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import rfc8785
from django.test import Client, override_settings

from llmasos.accounts.tenancy import acting_in
from llmasos.audit import checkpoints
from llmasos.audit.services import sequence_all
from llmasos.audit.standalone import llmasos_verify
from tests.tutor.conftest import School
from tutor.authoring.rubrics import rubric_digest

if TYPE_CHECKING:
    from llmasos.accounts.models import Person
    from tutor.models import Answer, Mark

pytestmark = pytest.mark.django_db
Give = Callable[..., "Mark"]
LEVELS = [{"id": "no", "label": "No", "points": 0}, {"id": "yes", "label": "Yes", "points": 1}]
RUBRIC: list[dict[str, Any]] = [
    {"id": key, "text": text, "weight": 1, "levels": LEVELS}
    for key, text in (("evaporates", "Says that the water evaporates"), ("energy", "Says that heat gives energy"))
]


@pytest.fixture(autouse=True)
def signing(tmp_path: Path) -> Iterator[None]:
    with override_settings(CHECKPOINT_KEY_FOLDER=tmp_path / "keys", CHECKPOINT_FOLDER=tmp_path / "outside"):
        yield


@pytest.fixture
def answer(school: School) -> Answer:
    """Work that was handed in through the services, so that the log has its digest."""
    from llmasos.audit.types import Actor
    from tutor.models import Answer, Submission
    from tutor.work.digests import answer_digest
    from tutor.work.freezing import freeze

    owned = {"organisation": school.organisation, "learner": school.pupil}
    text = "The water evaporates."
    with acting_in(school.organisation):
        submission = Submission.objects.create(**owned, assignment=school.assignment, pseudonym="Heron", shuffle=7)
        made = Answer.objects.create(
            **owned, submission=submission, question=school.question, text=text, revision=1,
            digest=answer_digest(text=text),
        )  # fmt: skip
        freeze(submission, actor=Actor("person", school.pupil_person.pk, "student"), by="learner")
    return made


def released(school: School, answer: Answer) -> None:
    from tutor.marking.services import release

    release(school.principal(school.teacher), school.assignment.pk, [answer.submission_id])


def sign(school: School) -> None:
    sequence_all()
    checkpoints.make(school.id)


def bundle(school: School, answer: Answer, person: Person) -> dict[str, bytes]:
    """Return the files of a proof; markers have had the name revealed."""
    from tutor.appeals.services import appeal_bundle
    from tutor.marking.services import reveal

    if person == school.teacher:
        reveal(school.principal(person), answer.pk, reason="integrity")
    with zipfile.ZipFile(io.BytesIO(appeal_bundle(school.principal(person), answer.pk))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rubric_by_content(school: School) -> None:
    """Put a rubric whose digest is that of its content in the place of the fixture's."""
    from tutor.models import RubricVersion

    references, criteria = ["The water evaporates because heat gives its molecules energy."], RUBRIC
    with acting_in(school.organisation):
        school.question.rubric = RubricVersion.objects.create(
            organisation=school.organisation,
            question=school.question,
            number=2,
            digest=rubric_digest(references, criteria),
            references=references,
            criteria=criteria,
        )
        school.question.save(update_fields=["rubric"])


def verified(proof: bytes | dict[str, bytes], folder: Path) -> Any:
    file = folder / "proof"
    if isinstance(proof, bytes):
        file.write_bytes(proof)
    else:
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in proof.items():
                archive.writestr(name, content)
    command = [sys.executable, llmasos_verify.__file__, str(file), "--json"]
    return json.loads(subprocess.run(command, capture_output=True, check=False).stdout)


def test_a_bundle_verifies_on_its_own_and_a_changed_byte_does_not(
    school: School, answer: Answer, give: Give, propose: Any, tmp_path: Path
) -> None:
    propose(answer)
    give(answer)
    released(school, answer)
    sign(school)
    proof = bundle(school, answer, school.teacher)["proof.jsonl"]
    report = verified(proof, tmp_path)
    assert (report["ok"], report["entries"]) == (True, 3)
    changed = proof.replace(b'"after":100', b'"after":200')
    assert changed != proof
    assert verified(changed, tmp_path)["ok"] is False


@pytest.mark.parametrize(
    ("part", "said", "instead"),
    [
        ("mark.json", b'"hundredths":100', b'"hundredths":200'),
        ("mark.json", b'"attempt":1', b'"attempt":2'),
        ("words.json", b"evaporates.", b"boils."),
    ],
)
def test_files_beside_the_proof_that_say_otherwise_do_not_verify(
    part: str, said: bytes, instead: bytes, school: School, answer: Answer, give: Give, tmp_path: Path
) -> None:
    rubric_by_content(school)
    give(answer)
    sign(school)
    parts = bundle(school, answer, school.teacher)
    assert verified(parts, tmp_path)["faults"] == []
    assert said in parts[part]
    changed = {**parts, part: parts[part].replace(said, instead, 1)}
    assert [one["kind"] for one in verified(changed, tmp_path)["faults"]][:1] == ["part_differs"]


def test_the_digests_in_the_entries_are_those_of_the_words(school: School, answer: Answer, give: Give) -> None:
    give(answer, feedback="Say where the energy comes from.")
    sign(school)
    parts = bundle(school, answer, school.teacher)
    facts, words = json.loads(parts["mark.json"]), json.loads(parts["words.json"])
    lines = [json.loads(line) for line in parts["proof.jsonl"].splitlines()]
    entries = {one["entry"]["action"]: one["entry"]["digests"] for one in lines if one["type"] == "entry"}
    assert sha256(rfc8785.dumps(words["answer"])).hexdigest() == entries["tutor.marked"]["answer"]
    assert sha256(rfc8785.dumps(facts["submission"])).hexdigest() == entries["tutor.work_handed_in"]["submission"]
    content = entries["tutor.work_handed_in"]["answers"][str(school.question.pk)]["content"]
    assert sha256(rfc8785.dumps(words["question"])).hexdigest() == content


def test_words_and_names_stand_in_one_part_only(school: School, answer: Answer, give: Give) -> None:
    give(answer, feedback="Say where the energy comes from.")
    released(school, answer)
    sign(school)
    parts = bundle(school, answer, school.pupil_person)
    assert json.loads(parts["words.json"])["learner"] == "Pupil"
    others = parts["mark.json"] + parts["proof.jsonl"]
    assert not any(word in others for word in (b"evaporates.", b"Pupil", b"where the energy"))


def test_a_learner_gets_no_draft_and_no_reference(school: School, answer: Answer, give: Give) -> None:
    from tests.tutor.marking.conftest import RIGHT

    shown = give(answer)
    released(school, answer)
    give(answer, levels=RIGHT, expected_mark_id=shown.pk)
    sign(school)
    parts = bundle(school, answer, school.pupil_person)
    assert [one["id"] for one in json.loads(parts["mark.json"])["marks"]] == [str(shown.pk)]
    assert b"leave the surface" not in parts["words.json"]
    assert len(json.loads(bundle(school, answer, school.teacher)["mark.json"])["marks"]) == 2


def test_names_stay_hidden_from_markers_of_anonymous_work(school: School, answer: Answer, give: Give) -> None:
    from tutor.appeals.errors import NameHiddenError
    from tutor.appeals.services import appeal_bundle

    give(answer)
    sign(school)
    with pytest.raises(NameHiddenError):
        appeal_bundle(school.principal(school.teacher), answer.pk)
    assert json.loads(bundle(school, answer, school.teacher)["words.json"])["learner"] == "Pupil"


def test_only_the_learner_and_the_markers_get_it(school: School, answer: Answer, give: Give) -> None:
    from django.core.exceptions import PermissionDenied

    from tutor.marking.errors import NotFoundError

    give(answer)
    sign(school)
    for person, error in (
        (school.pupil_person, NotFoundError),
        (school.other_pupil_person, NotFoundError),
        (school.second_teacher, PermissionDenied),
    ):
        with pytest.raises(error):
            bundle(school, answer, person)


def test_the_download_is_in_the_log_and_waits_for_the_signature(
    client: Client, school: School, answer: Answer, give: Give, log: Any
) -> None:
    client.force_login(school.teacher, backend="django.contrib.auth.backends.ModelBackend")
    give(answer)
    address = f"/o/shop/tutor/answers/{answer.pk}/proof/"
    assert client.post(address)["Location"].endswith(f"/marking/answers/{answer.pk}/")
    client.post(f"/o/shop/tutor/marking/answers/{answer.pk}/reveal/", {"reason": "integrity"})
    sign(school)
    reply = client.post(address)
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        words = archive.read("words.json")
    assert log("tutor.appeal_exported")[0].digests["words"] == sha256(words).hexdigest()
