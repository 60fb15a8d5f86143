from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from llmasos.accounts.views import arrival, keys, people, profile

app_name = "accounts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", profile.profile, name="profile"),
    path("setup/", arrival.setup_closed, name="setup_closed"),
    path("setup/<str:secret>/", arrival.set_up, name="setup"),
    path("invitation/<str:secret>/", arrival.invitation, name="invitation"),
    path("o/<slug:slug>/people/", people.people, name="people"),
    path("o/<slug:slug>/people/invite/", people.invite, name="invite"),
    path("o/<slug:slug>/people/invitations/<uuid:invitation_id>/revoke", people.revoke, name="revoke_invitation"),
    path("o/<slug:slug>/people/<uuid:person_id>/", people.roles, name="roles"),
    path("o/<slug:slug>/people/<uuid:person_id>/deactivate", people.deactivate, name="deactivate"),
    path("o/<slug:slug>/people/<uuid:person_id>/reactivate", people.reactivate, name="reactivate"),
    path("o/<slug:slug>/people/<uuid:person_id>/password-link", people.password_link, name="password_link"),
    path("o/<slug:slug>/keys/", keys.keys, name="keys"),
    path("o/<slug:slug>/keys/new/", keys.new, name="new_key"),
    path("o/<slug:slug>/keys/<uuid:key_id>/revoke", keys.revoke, name="revoke_key"),
    path("o/<slug:slug>/keys/<uuid:key_id>/restore", keys.restore, name="restore_key"),
    path("o/<slug:slug>/keys/service-accounts/", keys.add_service_account, name="add_service_account"),
    path(
        "o/<slug:slug>/keys/service-accounts/<uuid:account_id>/deactivate",
        keys.deactivate_service_account,
        name="deactivate_service_account",
    ),
]
