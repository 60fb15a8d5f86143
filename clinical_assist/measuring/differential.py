"""``bench differential``: a finding is toggled, a question answered, until the page has what follows from it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from importlib import import_module
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management.base import CommandError
from django.middleware.csrf import CSRF_SECRET_LENGTH
from django.urls import reverse
from django.utils.crypto import get_random_string

from clinical_assist.intake import revealing, stored
from clinical_assist.intake.stored import Entered
from clinical_assist.measuring import CALLS, WARM_UP, figures
from clinical_assist.record.access import subject
from clinical_assist.record.services.encounters import start_encounter
from clinical_assist.record.services.patients import Demographics, add_patient
from llmasos.accounts.models import Organisation, Person
from llmasos.accounts.principals import Principal
from llmasos.accounts.services import add_person_without_mail
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.types import Ref
from llmasos.privacy.registry import stores_of
from llmasos.privacy.subjects import id_of
from llmasos.vault.services import destroy_key

if TYPE_CHECKING:
    import httpx

_SECONDS: Final = 30.0
_TOLD: Final = (
    "Cough with green sputum for four days, fever up to 39 degrees since yesterday, short of breath on the stairs."
    " Pain in the right chest on breathing in. No vomiting, no rash. Smokes. Her mother had asthma."
)
# What is made here stands in these alone.
_STORES: Final = frozenset({"clinical.record", "accounts.sessions", "accounts.people"})
_QUESTION: Final = re.compile(r'name="answer" value="([a-z0-9_]+):present"')
_REVISION: Final = re.compile(r'name="revision" value="(\d+)"')


@dataclass(frozen=True, slots=True)
class _Visit:
    """A visit whose differential may be shown, and the cookies of the clinician who has it open."""

    base: str
    intake: str
    what_if: str
    findings: tuple[str, ...]
    revision: int
    cookies: dict[str, str]


def bench_differential(principal: Principal) -> dict[str, Any]:
    """Measure the milliseconds that the running web server takes for a what-if toggle, and for the next question.

    Clinician, patient and visit are made for the time of the measurement, and removed again with their keys.

    Raises:
        CommandError: a page did not answer as it should.
    """
    # No process but this command's needs a client.
    import httpx

    with _visit(principal) as visit:
        token = visit.cookies[settings.CSRF_COOKIE_NAME]
        headers = {"X-CSRFToken": token, "Referer": f"{visit.base}/", "HX-Request": "true", "HX-Target": "case"}
        with httpx.Client(base_url=visit.base, timeout=_SECONDS, cookies=visit.cookies, headers=headers) as client:
            codes = islice(cycle(visit.findings), WARM_UP + CALLS)
            toggles = [_posted(client, visit.what_if, {f"state-{code}": "absent"})[0] for code in codes]
            questions = list(_answered(client, visit))
    return {
        "benchmark": "differential",
        "what_if": figures(toggles[WARM_UP:]),
        "next_question": figures(questions[WARM_UP:]),
    }


def _answered(client: httpx.Client, visit: _Visit) -> Iterator[float]:
    """Answer what the page asks with no, again and again; yield how long each next question took."""
    sent = {"text": _TOLD, "revision": str(visit.revision)}
    _first, page = _posted(client, visit.intake, sent)
    for _number in range(WARM_UP + CALLS):
        asked, revision = _QUESTION.search(page), _REVISION.search(page)
        if asked is None or revision is None:
            raise CommandError("The page asked no further question.")
        sent = {"text": _TOLD, "revision": revision[1], "answer": f"{asked[1]}:absent"}
        seconds, page = _posted(client, visit.intake, sent)
        yield seconds


def _posted(client: httpx.Client, path: str, sent: dict[str, str]) -> tuple[float, str]:
    started = time.perf_counter()
    answer = client.post(path, data=sent)
    page, seconds = answer.text, time.perf_counter() - started
    if answer.status_code != HTTPStatus.OK:
        raise CommandError(f"The page answered with status {answer.status_code}.")
    return seconds, page


@contextmanager
def _visit(principal: Principal) -> Iterator[_Visit]:
    from llmasos.client.credentials import find_credentials

    here = principal.organisation_id
    person = add_person_without_mail(principal=principal, organisation_id=here, name="Benchmark", role="clinician")
    gone = [Ref("person", person.pk)]
    try:
        clinician = Principal(here, "person", person.pk, frozenset({"clinician"}))
        who = Demographics(family_name="Benchmark", birth_date=date(1968, 5, 4), sex="male")
        patient = add_patient(clinician, who)
        gone.insert(0, subject(patient.pk))
        visit = start_encounter(clinician, patient.pk, reason="Cough")
        stored.save(clinician, visit.pk, Entered(revision=0, text=_TOLD))
        revealing.set_own_list_first(clinician, wanted=False)
        intake = revealing.reveal(clinician, visit.pk)
        with acting_in(here):
            slug = Organisation.objects.get(pk=here).slug
            findings = tuple(sorted(intake.findings))
        yield _Visit(
            base=find_credentials().base_url,
            intake=reverse("clinical_assist:intake", args=[slug, visit.pk]),
            what_if=reverse("clinical_assist:what_if", args=[slug, visit.pk]),
            findings=findings,
            revision=intake.revision,
            cookies=_signed_in(person),
        )
    finally:
        _remove(here, gone)


def _signed_in(person: Person) -> dict[str, str]:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return {
        settings.SESSION_COOKIE_NAME: str(session.session_key),
        settings.CSRF_COOKIE_NAME: get_random_string(CSRF_SECRET_LENGTH),
    }


def _remove(organisation_id: UUID, subjects: list[Ref]) -> None:
    """Remove what was made, as an erasure would."""
    for one in subjects:
        with acting_in(organisation_id):
            destroy_key(organisation_id=organisation_id, subject_kind=one.kind, subject_id=id_of(one))
            for store in stores_of(one.kind):
                if store.name in _STORES and store.erase is not None:
                    store.erase(organisation_id, one)
