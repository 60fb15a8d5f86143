"""A registered platform, and launches from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from llmasos.accounts.principals import system_principal
from tests.tutor.conftest import School
from tests.tutor.lti.platform import CLIENT, DEPLOYMENT, LearningPlatform, learning_platform

if TYPE_CHECKING:
    from tutor.models import LtiPlatform

Launched = Callable[..., HttpResponse]


@pytest.fixture(scope="package")
def running_platform() -> Iterator[LearningPlatform]:
    with learning_platform() as platform:
        yield platform


@pytest.fixture
def moodle(running_platform: LearningPlatform) -> LearningPlatform:
    """The platform as it begins: nobody is in it and nothing was sent."""
    for kept in (running_platform.members, running_platform.scores, running_platform.asked):
        kept.clear()
    running_platform.results.clear()
    running_platform.refuses.clear()
    return running_platform


@pytest.fixture
def registered(school: School, moodle: LearningPlatform, valkey: object) -> LtiPlatform:
    from tutor.lti.platforms import save_platform

    return save_platform(system_principal(school.id), moodle.registration)


@pytest.fixture
def begin(school: School, moodle: LearningPlatform) -> Callable[[Client], tuple[str, str]]:
    """Begin a login and return state and nonce."""

    def begun(client: Client) -> tuple[str, str]:
        asked = {"iss": moodle.address, "client_id": CLIENT, "login_hint": "hint", "target_link_uri": "https://x/"}
        response = client.post(f"/o/{school.organisation.slug}/tutor/lti/login/", asked)
        assert response.status_code == 302, response.content
        sent = parse_qs(urlsplit(response["Location"]).query)
        return sent["state"][0], sent["nonce"][0]

    return begun


@pytest.fixture
def launch(school: School, moodle: LearningPlatform, begin: Callable[[Client], tuple[str, str]]) -> Launched:
    """Launch as a browser does: begin, post the signed launch, and follow to the page that stands at the end."""

    def launched(client: Client, *, follow: bool = True, **changes: Any) -> HttpResponse:
        state, nonce = begin(client)
        token = moodle.id_token(nonce, **changes)
        address = f"/o/{school.organisation.slug}/tutor/lti/launch/"
        return client.post(address, {"state": state, "id_token": token}, follow=follow)  # type: ignore[return-value]

    return launched


@pytest.fixture
def connected(school: School, registered: LtiPlatform) -> None:
    """The platform's class is the course, and its link opens the assignment."""
    from llmasos.accounts.tenancy import acting_in
    from tutor.models import LtiContext, LtiLink

    with acting_in(school.organisation):
        context = LtiContext.objects.create(
            organisation=school.organisation,
            platform=registered,
            deployment_id=DEPLOYMENT,
            context_id="class-1",
            course=school.course,
        )
        LtiLink.objects.create(
            organisation=school.organisation,
            context=context,
            resource_link_id="link-1",
            assignment=school.assignment,
        )
