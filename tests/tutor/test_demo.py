from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llmasos.accounts.tenancy import acting_in

if TYPE_CHECKING:
    from llmasos.accounts.models import Organisation

pytestmark = pytest.mark.django_db


def test_the_demo_school_has_work_in_every_state(organisation: Organisation) -> None:
    from tests.tutor.conftest import member
    from tutor.demo import loading
    from tutor.models import Answer, Assignment, Exercise, LearnerProgress, Mark, ProposalRun, Release

    for role in ("administrator", "teacher", "student", "guardian"):
        person = member(organisation, role, role)
        person.email = f"{role}@{organisation.slug}.example"
        person.save(update_fields=["email"])
    with acting_in(organisation):
        for _ in range(2):
            loading.load_demo(organisation)
        assert Assignment.objects.for_organisation(organisation).count() == 5
        answers = Answer.objects.for_organisation(organisation).filter(submission__assignment__title="Water and heat")
        assert answers.count() == 100 * answers.values_list("question").distinct().count()
        assert Mark.objects.for_organisation(organisation).count() >= loading.MARKED_BY_HAND + loading.RELEASED
        assert Release.objects.for_organisation(organisation).count() == 2 * loading.RELEASED
        assert LearnerProgress.objects.for_organisation(organisation).count() == loading.RELEASED
        assert Exercise.objects.for_organisation(organisation).filter(source__isnull=False).exists()
        assert ProposalRun.objects.for_organisation(organisation).filter(state="queued").exists()
