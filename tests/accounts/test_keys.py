from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from llmasos.accounts import services
from llmasos.accounts.errors import KeyRefusedError, NotAllowedError, NotFoundError
from llmasos.accounts.models import ApiKey, Organisation
from llmasos.accounts.principals import Principal, system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry

pytestmark = pytest.mark.django_db


def _issue(organisation: Organisation, **changes: object) -> services.IssuedKey:
    arguments = {"name": "Website", "scopes": ["search", "generate"], **changes}
    return services.create_api_key(
        principal=system_principal(organisation.pk),
        organisation_id=organisation.pk,
        **arguments,  # type: ignore[arg-type]
    )


def _actions(organisation: Organisation) -> list[str]:
    with acting_in(organisation):
        return list(Entry.objects.order_by("recorded_at").values_list("action", flat=True))


def test_a_key_stands_for_itself_with_its_scopes(organisation: Organisation) -> None:
    issued = _issue(organisation)
    principal = services.authenticate_key(issued.secret)
    assert principal == Principal(
        organisation_id=organisation.pk, kind="key", id=issued.key.pk, scopes=frozenset({"search", "generate"})
    )


def test_the_secret_is_nowhere_in_the_database(organisation: Organisation) -> None:
    issued = _issue(organisation)
    with acting_in(organisation):
        row = ApiKey.objects.filter(pk=issued.key.pk).values().get()
    assert all(issued.secret[len(issued.key.prefix) + 1 :] not in str(value) for value in row.values())
    assert len(bytes(row["secret_digest"])) == 32


def test_a_revoked_key_is_refused_and_the_refusal_recorded(organisation: Organisation) -> None:
    issued = _issue(organisation)
    services.revoke_api_key(
        principal=system_principal(organisation.pk), organisation_id=organisation.pk, key_id=issued.key.pk
    )
    with pytest.raises(KeyRefusedError):
        services.authenticate_key(issued.secret)
    assert _actions(organisation)[-2:] == ["accounts.key_revoked", "accounts.key_refused"]


def test_a_revocation_is_taken_back_within_minutes_and_that_is_recorded(organisation: Organisation) -> None:
    issued = _issue(organisation)
    its = {"principal": system_principal(organisation.pk), "organisation_id": organisation.pk, "key_id": issued.key.pk}
    services.revoke_api_key(**its)
    services.restore_api_key(**its)
    assert services.authenticate_key(issued.secret).id == issued.key.pk
    assert "accounts.key_restored" in _actions(organisation)


def test_a_key_that_was_revoked_longer_ago_stays_revoked(organisation: Organisation) -> None:
    issued = _issue(organisation)
    its = {"principal": system_principal(organisation.pk), "organisation_id": organisation.pk, "key_id": issued.key.pk}
    services.revoke_api_key(**its)
    with acting_in(organisation):
        ApiKey.objects.update(revoked_at=timezone.now() - ApiKey.UNDO)
    with pytest.raises(NotFoundError):
        services.restore_api_key(**its)


def test_an_expired_key_is_refused(organisation: Organisation) -> None:
    issued = _issue(organisation, expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(KeyRefusedError):
        services.authenticate_key(issued.secret)


@pytest.mark.parametrize("secret", ["", "llmasos_", "sk-something", "llmasos_00000000_" + "a" * 43])
def test_what_is_no_key_is_refused(organisation: Organisation, secret: str) -> None:
    with pytest.raises(KeyRefusedError):
        services.authenticate_key(secret)


def test_an_altered_secret_is_refused(organisation: Organisation) -> None:
    secret = _issue(organisation).secret
    with pytest.raises(KeyRefusedError):
        services.authenticate_key(secret[:-1] + ("A" if secret[-1] != "A" else "B"))


def test_use_is_noted_once_a_minute(organisation: Organisation) -> None:
    secret = _issue(organisation).secret
    services.authenticate_key(secret)
    services.authenticate_key(secret)
    assert _actions(organisation).count("accounts.key_used") == 1


def test_a_deactivated_service_account_closes_its_keys(organisation: Organisation) -> None:
    system = system_principal(organisation.pk)
    account = services.add_service_account(principal=system, organisation_id=organisation.pk, name="Importer")
    issued = _issue(organisation, service_account_id=account.pk)
    assert services.authenticate_key(issued.secret).kind == "service"
    services.deactivate_service_account(principal=system, organisation_id=organisation.pk, account_id=account.pk)
    with pytest.raises(KeyRefusedError):
        services.authenticate_key(issued.secret)


def test_only_administrators_make_keys(organisation: Organisation) -> None:
    agent = Principal(organisation_id=organisation.pk, kind="person", roles=frozenset({"agent"}))
    with pytest.raises(NotAllowedError):
        services.create_api_key(principal=agent, organisation_id=organisation.pk, name="x", scopes=["search"])


def test_only_administrators_take_a_revocation_back(organisation: Organisation) -> None:
    issued = _issue(organisation)
    its = {"organisation_id": organisation.pk, "key_id": issued.key.pk}
    services.revoke_api_key(principal=system_principal(organisation.pk), **its)
    agent = Principal(organisation_id=organisation.pk, kind="person", roles=frozenset({"agent"}))
    with pytest.raises(NotAllowedError):
        services.restore_api_key(principal=agent, **its)
    with pytest.raises(KeyRefusedError):
        services.authenticate_key(issued.secret)


def test_another_organisations_key_cannot_be_revoked(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    issued = _issue(organisation)
    with pytest.raises(NotFoundError):
        services.revoke_api_key(
            principal=system_principal(other_organisation.pk),
            organisation_id=other_organisation.pk,
            key_id=issued.key.pk,
        )
