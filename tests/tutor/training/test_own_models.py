from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command

from tests.tutor.conftest import School
from tests.tutor.marking.conftest import log
from tests.tutor.marking.test_runs import bag_of_words
from tests.tutor.quality.conftest import decided, handed_in

if TYPE_CHECKING:
    from llmasos.accounts.principals import Principal
    from tutor.engine.training import Marked
    from tutor.models import Answer, GradingModel

__all__ = ["decided", "handed_in", "log"]

pytestmark = pytest.mark.django_db
TEXTS = [
    "The water evaporates in the sun.",
    "Heat lets it evaporate.",
    "It evaporates.",
    "It is gone.",
    "Someone took it.",
]


def embed(texts: Any) -> Any:
    return bag_of_words(None, texts).vectors


def other_questions() -> list[Marked]:
    """Five questions that the engine can tell right from wrong on, as a file of public data would hold them."""
    from tutor.engine.training import Marked
    from tutor.engine.types import Question

    right = ["the {0} is warm and dry", "a warm {0} is dry", "warm and dry is the {0}", "dry {0} because it is warm"]
    wrong = ["nobody knows the answer", "the moon looks big", "she went away", "cold rain fell in the night"]
    return [
        Marked(
            Question(thing, f"What about the {thing}?", references=(f"The {thing} is warm and dry.",)),
            tuple(one.format(thing) for one in [*right, *wrong] * 2),
            (0, 0, 0, 0, 1, 1, 1, 1) * 2,
        )
        for thing in ("stone", "sand", "roof", "desk", "lamp")
    ]


@pytest.fixture
def system(school: School) -> Principal:
    from llmasos.accounts.principals import system_principal

    return system_principal(school.id)


@pytest.fixture(scope="module")
def fitted() -> list[Any]:
    """What was fitted: the same marks give the same weights, so that it is made but once."""
    return []


@pytest.fixture
def trained(
    system: Principal,
    handed_in: Callable[..., list[Answer]],
    decided: Callable[..., None],
    fitted: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> GradingModel:
    from tutor.engine import training
    from tutor.training.services import train_own

    fit = training.fit

    def fit_once(*given: Any, **options: Any) -> Any:
        if not fitted:
            fitted.append(fit(*given, **options))
        return fitted[0]

    monkeypatch.setattr(training, "fit", fit_once)
    decided(handed_in(TEXTS), [2.0, 2.0, 1.0, 0.0, 0.0])
    return train_own(system, embed=embed, more=other_questions(), sources={"public.jsonl": "CC BY-SA 3.0"})


def test_marks_of_people_become_examples_and_proposals_do_not(
    school: School, handed_in: Callable[..., list[Answer]], decided: Callable[..., None]
) -> None:
    from llmasos.accounts.tenancy import acting_in
    from tutor.training.history import examples

    with acting_in(school.organisation):
        assert school.question.rubric is not None
        school.question.rubric = type(school.question.rubric).objects.create(
            organisation=school.organisation, question=school.question, number=2, digest="2" * 64, references=["Heat."]
        )
        school.question.save(update_fields=["rubric"])
    decided(handed_in([*TEXTS, "Only proposed for."])[:5], [2.0, 2.0, 1.0, 0.0, 0.0], proposed=[0.0] * 5)
    with acting_in(school.organisation):
        (found,) = examples(school.id)
    assert dict(zip(found.texts, found.verdicts, strict=True)) == dict(zip(TEXTS, (0, 0, 0, 1, 1), strict=True))


def test_a_trained_model_says_what_it_learnt_from_and_whose_it_is(
    trained: GradingModel, log: Callable[[str], list[Any]]
) -> None:
    assert (trained.card["license"], trained.card["data"]) == ("own", ["own marks", "public.jsonl"])
    assert log("tutor.model_trained")[0].digests["model"] == trained.digest
    assert b"evaporate" not in bytes(trained.content)


def test_it_is_used_when_chosen_and_no_more_when_removed(
    school: School, system: Principal, trained: GradingModel
) -> None:
    from tutor.engine import models
    from tutor.training.queries import model_for
    from tutor.training.services import choose, remove

    assert model_for(school.id).digest == models.default().digest
    choose(system, trained.digest[:8])
    assert model_for(school.id).digest == trained.digest
    remove(system, trained.digest)
    assert model_for(school.id).digest == models.default().digest


def test_another_organisation_does_not_see_it(
    trained: GradingModel, system: Principal, other_organisation: Any
) -> None:
    from llmasos.accounts.tenancy import acting_in
    from tutor.training.queries import model_for, own_models
    from tutor.training.services import choose

    choose(system, trained.digest)
    with acting_in(other_organisation):
        assert not own_models(other_organisation.pk).exists()
    assert model_for(other_organisation.pk).digest != trained.digest


def test_a_teacher_does_not_train(school: School) -> None:
    from django.core.exceptions import PermissionDenied

    from tutor.training.services import train_own

    with pytest.raises(PermissionDenied):
        train_own(school.principal(school.teacher), embed=embed)


def test_too_few_marks_are_said_by_the_command(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    from llmasos.inference import in_process

    monkeypatch.setattr(in_process, "embedder", lambda: embed)
    with pytest.raises(CommandError, match="too few marks"):
        call_command("tutor", "train", organisation="shop")


def test_the_command_lists_uses_and_removes(school: School, trained: GradingModel) -> None:
    def said(**options: str) -> list[dict[str, Any]]:
        out = StringIO()
        call_command("tutor", "models", organisation="shop", json=True, stdout=out, **options)
        found: list[dict[str, Any]] = json.loads(out.getvalue())["models"]
        return found

    assert [(one["digest"], one["in_use"], one["license"]) for one in said()] == [(trained.digest, False, "own")]
    assert said(use=trained.digest[:10])[0]["in_use"] is True
    assert said(remove=trained.digest[:10]) == []
