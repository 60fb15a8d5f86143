from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "llmasos.accounts"
    label = "accounts"
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from llmasos.accounts import second_factors, sign_in
        from llmasos.accounts.queries import organisation_id_by_slug
        from llmasos.audit.registry import register_action, register_organisation_lookup
        from llmasos.vault.registry import SealedValues, register_sealed_values

        register_organisation_lookup(organisation_id_by_slug)
        register_sealed_values(
            SealedValues("accounts.second_factors", use=second_factors.key_use, reseal=second_factors.reseal)
        )
        for code, label in (
            ("accounts.denied", _("Access denied")),
            ("accounts.administered", _("Raw data pages used")),
            ("accounts.signed_in", _("Signed in")),
            ("accounts.signed_out", _("Signed out")),
            ("accounts.sign_in_failed", _("Sign-in failed")),
            ("accounts.password_changed", _("Password changed")),
            ("accounts.address_changed", _("E-mail address changed")),
            ("accounts.password_reset", _("Password reset")),
            ("accounts.second_factor_added", _("Second factor added")),
            ("accounts.second_factor_removed", _("Second factor removed")),
            ("accounts.profile_changed", _("Profile changed")),
            ("accounts.organisation_added", _("Organisation added")),
            ("accounts.mail_configured", _("Mail server configured")),
            ("accounts.people_listed", _("People listed")),
            ("accounts.person_read", _("Person looked at")),
            ("accounts.person_added", _("Person added")),
            ("accounts.roles_changed", _("Roles changed")),
            ("accounts.person_deactivated", _("Person deactivated")),
            ("accounts.person_reactivated", _("Person reactivated")),
            ("accounts.reset_link_made", _("Password link made")),
            ("accounts.invited", _("Person invited")),
            ("accounts.invitation_revoked", _("Invitation revoked")),
            ("accounts.invitation_accepted", _("Invitation accepted")),
            ("accounts.key_created", _("API key created")),
            ("accounts.key_revoked", _("API key revoked")),
            ("accounts.key_restored", _("Revocation of an API key taken back")),
            ("accounts.key_used", _("API key used")),
            ("accounts.key_refused", _("API key refused")),
            ("accounts.service_account_added", _("Service account added")),
            ("accounts.service_account_deactivated", _("Service account deactivated")),
        ):
            register_action(code, label)
        sign_in.connect_records()
