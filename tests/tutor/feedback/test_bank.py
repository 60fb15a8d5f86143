from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School

if TYPE_CHECKING:
    from tutor.models import Answer, Comment, Mark

pytestmark = pytest.mark.django_db
Give = Callable[..., "Mark"]
BACKEND = "django.contrib.auth.backends.ModelBackend"


def keep(school: School, text: str, **values: Any) -> Comment:
    from tutor.feedback.bank import keep_comment

    return keep_comment(school.principal(school.teacher), school.question.pk, text=text, **values)


def test_a_comment_is_kept_once_and_its_words_stay_out_of_the_log(school: School, log: Any) -> None:
    first, again = keep(school, "Name the substance."), keep(school, " Name the substance. ")
    entries = log("tutor.comment_saved")
    assert (first.pk, len(entries)) == (again.pk, 1)
    assert "substance" not in str(entries[0].digests)


def test_a_name_of_the_class_is_warned_of(school: School) -> None:
    from tutor.feedback.errors import NamesSomebodyError

    with acting_in(school.organisation):
        school.pupil.name = "Zélie Ngata"
        school.pupil.save()
    with pytest.raises(NamesSomebodyError, match="zelie"):
        keep(school, "Well done, zelie!")
    assert keep(school, "Well done, zelie!", anyway=True).text == "Well done, zelie!"
    assert keep(school, "Zeal helps.").pk


@pytest.mark.parametrize(
    ("name", "kept", "left"),
    [
        ("Zélie Ngata", "Well done, zelie! Zeal helps.", "Well done, …! Zeal helps."),
        ("王小明", "很好，王小明的例子。", "很好，…的例子。"),
    ],
)
def test_an_erasure_takes_the_name_out_of_what_was_kept_anyway(school: School, name: str, kept: str, left: str) -> None:
    from llmasos.audit.types import Ref
    from llmasos.privacy.registry import stores
    from llmasos.vault.services import destroy_key

    with acting_in(school.organisation):
        school.pupil.name = name
        school.pupil.save()
    comment, other = keep(school, kept, anyway=True), keep(school, "Zeal helps.")
    with acting_in(school.organisation):
        destroy_key(organisation_id=school.id, subject_kind="learner", subject_id=school.pupil.pk)
        assert stores()["tutor.comments"].erase(school.id, Ref("learner", school.pupil.pk)) == 1
        comment.refresh_from_db()
        other.refresh_from_db()
    assert (comment.text, other.text) == (left, "Zeal helps.")


def test_a_name_without_spaces_is_found_as_a_whole(school: School) -> None:
    from tutor.feedback.errors import NamesSomebodyError

    with acting_in(school.organisation):
        school.pupil.name = "王小明"
        school.pupil.save()
    with pytest.raises(NamesSomebodyError):
        keep(school, "很好，王小明！")
    assert keep(school, "小明的例子很好。").pk


def test_what_is_used_most_comes_first_and_a_search_finds_words(school: School) -> None:
    from tutor.feedback.bank import use_comment
    from tutor.feedback.queries import comments_of

    keep(school, "Name the substance.")
    used = keep(school, "Say why.")
    use_comment(school.principal(school.teacher), used.pk)
    with acting_in(school.organisation):
        assert [one.text for one in comments_of(school.question)] == ["Say why.", "Name the substance."]
        assert [one.text for one in comments_of(school.question, search="SUBST")] == ["Name the substance."]


def test_own_words_on_like_answers_are_offered_unless_they_name_somebody(
    school: School, answer: Answer, give: Give, propose: Any, log: Any
) -> None:
    from tutor.feedback.queries import offers
    from tutor.models import Proposal

    others = []
    for number, words in enumerate(("Say what dries.", f"{school.other_pupil.name}, say what dries."), 1):
        others.append(school.answer(school.other_pupil, f"It dries {number}.", attempt=number))
        give(others[-1], feedback=words)
    run = propose(others[0]).run
    with acting_in(school.organisation):
        Proposal.objects.create(
            organisation=school.organisation, run=run, answer=answer, answer_digest=answer.digest, decision="proposed",
            points=1, neighbours=[{"answer": str(one.pk), "points": "1", "similarity": 0.9} for one in others],
        )  # fmt: skip
        found = offers(school.principal(school.teacher), answer.pk)
    assert [(one.text, one.alike) for one in found] == [("Say what dries.", 0.9)]
    assert log("tutor.comments_suggested")[0].digests["shown"] == 1


def test_the_page_keeps_changes_and_removes(school: School, client: Client) -> None:
    client.force_login(school.teacher, backend=BACKEND)
    address = f"/o/shop/tutor/marking/questions/{school.question.pk}/comments/"
    assert "Name the substance." in client.post(address, {"text": "Name the substance."}, follow=True).content.decode()
    comment = keep(school, "Name the substance.")
    one = f"/o/shop/tutor/marking/comments/{comment.pk}/"
    assert "Name what dries." in client.post(one, {"text": "Name what dries."}, follow=True).content.decode()
    assert "No comments yet" in client.post(one, {"remove": "1"}, follow=True).content.decode()


def test_the_page_is_searched_without_words_in_its_address(school: School, client: Client) -> None:
    client.force_login(school.teacher, backend=BACKEND)
    address = f"/o/shop/tutor/marking/questions/{school.question.pk}/comments/"
    for text in ("Name the substance.", "Say why."):
        client.post(address, {"text": text})
    page = client.post(address, {"q": "subst", "find": "1"}).content.decode()
    assert "Name the substance." in page
    assert "Say why." not in page


def test_the_desk_is_told_of_a_name(school: School, client: Client) -> None:
    client.force_login(school.teacher, backend=BACKEND)
    address = f"/o/shop/tutor/marking/questions/{school.question.pk}/comments/"
    reply = client.post(address, {"text": f"Good, {school.pupil.name}."}, headers={"Accept": "application/json"})
    assert (reply.status_code, reply.json()["code"]) == (422, "names_somebody")


def test_a_stranger_finds_no_comment(school: School, client: Client) -> None:
    from tests.tutor.conftest import member

    comment = keep(school, "Name the substance.")
    client.force_login(member(school.organisation, "elsewhere", "teacher"), backend=BACKEND)
    assert client.post(f"/o/shop/tutor/marking/comments/{comment.pk}/", {"remove": "1"}).status_code == 404
