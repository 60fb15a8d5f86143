"""What accounts, with sign-in and the raw data pages, records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={
        "url accounts:profile": "accounts.profile_changed",
        "url accounts:setup": "accounts.organisation_added accounts.person_added accounts.mail_configured",
        "url accounts:invitation": "accounts.invitation_accepted",
        "url accounts:people": "accounts.people_listed",
        "url accounts:invite": "accounts.invited accounts.people_listed",
        "url accounts:revoke_invitation": "accounts.invitation_revoked",
        "url accounts:roles": "accounts.person_read accounts.roles_changed",
        "url accounts:deactivate": "accounts.person_deactivated",
        "url accounts:reactivate": "accounts.person_reactivated",
        "url accounts:password_link": "accounts.reset_link_made",
        "url accounts:new_key": "accounts.key_created",
        "url accounts:revoke_key": "accounts.key_revoked",
        "url accounts:restore_key": "accounts.key_restored",
        "url accounts:add_service_account": "accounts.service_account_added",
        "url accounts:deactivate_service_account": "accounts.service_account_deactivated",
        "url account_login": "accounts.signed_in accounts.sign_in_failed",
        "url mfa_authenticate": "accounts.signed_in accounts.sign_in_failed",
        "url mfa_login_webauthn": "accounts.signed_in accounts.sign_in_failed",
        "url account_confirm_login_code": "accounts.signed_in accounts.sign_in_failed",
        "url account_logout": "accounts.signed_out",
        "url account_change_password": "accounts.password_changed",
        "url account_set_password": "accounts.password_changed",
        "url account_reset_password_from_key": "accounts.password_reset",
        "url account_email": "accounts.address_changed",
        "url account_confirm_email": "accounts.address_changed",
        "url mfa_activate_totp": "accounts.second_factor_added",
        "url mfa_add_webauthn": "accounts.second_factor_added",
        "url mfa_generate_recovery_codes": "accounts.second_factor_added",
        "url mfa_deactivate_totp": "accounts.second_factor_removed",
        "url mfa_remove_webauthn": "accounts.second_factor_removed",
        "service llmasos.accounts.services.invitations.invite": "accounts.invited",
        "service llmasos.accounts.services.invitations.revoke_invitation": "accounts.invitation_revoked",
        "service llmasos.accounts.services.invitations.accept_invitation": "accounts.invitation_accepted",
        "service llmasos.accounts.services.keys.create_api_key": "accounts.key_created",
        "service llmasos.accounts.services.keys.revoke_api_key": "accounts.key_revoked",
        "service llmasos.accounts.services.keys.restore_api_key": "accounts.key_restored",
        "service llmasos.accounts.services.keys.authenticate_key": "accounts.key_used accounts.key_refused",
        "service llmasos.accounts.services.keys.add_service_account": "accounts.service_account_added",
        "service llmasos.accounts.services.keys.deactivate_service_account": "accounts.service_account_deactivated",
        "service llmasos.accounts.services.organisations.add_organisation": "accounts.organisation_added",
        "service llmasos.accounts.services.people.add_person": "accounts.person_added",
        "service llmasos.accounts.services.people.add_person_without_mail": (
            "accounts.person_added accounts.roles_changed"
        ),
        "service llmasos.accounts.services.people.add_membership": "accounts.roles_changed",
        "service llmasos.accounts.services.people.change_roles": "accounts.roles_changed",
        "service llmasos.accounts.services.people.deactivate": "accounts.person_deactivated",
        "service llmasos.accounts.services.people.reactivate": "accounts.person_reactivated",
        "service llmasos.accounts.services.people.password_link_token": "accounts.reset_link_made",
        "service llmasos.accounts.services.people.change_profile": "accounts.profile_changed",
    },
    unrecorded={
        "url accounts:setup_closed": "Says that the installation is set up; reads nothing.",
        "url accounts:keys": "Names programs and their scopes, no people; their secrets are nowhere kept.",
        "url account_inactive": "Says that the account is closed; reads nothing.",
        "url account_signup": "Nobody signs up: it says so.",
        "url account_reauthenticate": "Asks who is there once more before something that is recorded.",
        "url mfa_reauthenticate": "Asks who is there once more before something that is recorded.",
        "url mfa_reauthenticate_webauthn": "Asks who is there once more before something that is recorded.",
        "url account_email_verification_sent": "Says that a message is on its way; reads nothing.",
        "url account_reset_password": (
            "Sends a link to the address given, without saying whether it is known; its use is recorded."
        ),
        "url account_reset_password_done": "Says that a message is on its way; reads nothing.",
        "url account_reset_password_from_key_done": "Says that the password is changed, which is recorded.",
        "url mfa_index": "Shows people their own means of signing in, and nobody else's.",
        "url mfa_view_recovery_codes": "Shows people their own means of signing in, and nobody else's.",
        "url mfa_download_recovery_codes": "Shows people their own means of signing in, and nobody else's.",
        "url mfa_list_webauthn": "Shows people their own means of signing in, and nobody else's.",
        "url mfa_edit_webauthn": "Lets people name their own passkeys, and nobody else's.",
        "service llmasos.accounts.services.invitations.find_invitation": (
            "Shows the invited the invitation whose secret they hold."
        ),
        "service llmasos.accounts.services.permission.require_administrator": (
            "Only refuses; the refused request is recorded as a denial."
        ),
    },
)
