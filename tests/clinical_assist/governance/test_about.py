"""What is said of each model and rule set, and what clinicians say of suggestions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from clinical_assist.governance import feedback
from clinical_assist.governance.about.attributes import KEYS
from clinical_assist.governance.about.reading import NAMES, about
from clinical_assist.models import Feedback
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry

if TYPE_CHECKING:
    from tests.clinical_assist.conftest import Clinic

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def test_there_are_thirty_one_source_attributes() -> None:
    assert len(set(KEYS)) == 31


@pytest.mark.parametrize("code", NAMES)
def test_every_model_and_rule_set_has_all_attributes_limits_and_its_version(
    client: Client, clinic: Clinic, code: str
) -> None:
    client.force_login(clinic.doctor, backend=BACKEND)
    page = client.get(f"/o/shop/clinical/about/{code}/").content.decode()
    assert page.count('<dd lang="en">') == 31
    assert about(code).limits
    assert "At work now" in page


def test_feedback_reaches_the_list_of_who_governs_and_is_answered(client: Client, clinic: Clinic) -> None:
    client.force_login(clinic.doctor, backend=BACKEND)
    page = "/o/shop/clinical/about/differential/feedback/"
    assert client.post(page, {"thumb": "down", "words": " "}).status_code == 422
    client.post(page, {"thumb": "down", "words": "Gout is too rare here", "suggestion": "gout"})
    client.force_login(clinic.administrator, backend=BACKEND)
    listed = client.get("/o/shop/clinical/oversight/feedback/").content.decode()
    assert "Gout is too rare here" in listed
    with acting_in(clinic.id):
        row = Feedback.objects.for_organisation(clinic.id).get()
        assert feedback.waiting(clinic.id) == 1
    answer = {"state": "changed", "answer": "Raised to 4"}
    done = client.post(f"/o/shop/clinical/oversight/feedback/{row.pk}/", answer, follow=True)
    assert "Raised to 4" in done.content.decode()
    with acting_in(clinic.id):
        assert feedback.waiting(clinic.id) == 0
        actions = Entry.objects.filter(organisation_id=clinic.id, object_id=row.pk).values_list("action", flat=True)
        assert set(actions) == {"clinical.feedback_given", "clinical.feedback_answered"}


def test_a_clinician_sees_only_what_they_said(client: Client, clinic: Clinic) -> None:
    feedback.give(clinic.principal(), "differential", is_good=False, words="Wrong", suggestion="", version="1")
    client.force_login(clinic.colleague, backend=BACKEND)
    assert "Nothing was said yet" in client.get("/o/shop/clinical/oversight/feedback/").content.decode()


def test_who_does_not_govern_answers_nothing(clinic: Clinic) -> None:
    row = feedback.give(clinic.principal(), "differential", is_good=True, words="", suggestion="", version="1")
    with pytest.raises(PermissionDenied):
        feedback.answer(clinic.principal(), row.pk, state="closed", words="")
