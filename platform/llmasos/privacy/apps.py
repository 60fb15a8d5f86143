from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "llmasos.privacy"
    label = "privacy"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Privacy")

    def ready(self) -> None:
        from llmasos.audit.registry import register_action
        from llmasos.privacy.registry import RetentionClass, register_retention_class
        from llmasos.privacy.stores import log, own, people

        for code, label in (
            ("privacy.own_data_read", _("Own data and its accesses looked at")),
            ("privacy.exported", _("Data exported for the person concerned")),
            ("privacy.requests_listed", _("Privacy requests listed")),
            ("privacy.request_read", _("Privacy request read")),
            ("privacy.request_made", _("Privacy request made")),
            ("privacy.request_taken_on", _("Privacy request taken on")),
            ("privacy.request_extended", _("Privacy request given more time")),
            ("privacy.request_accepted", _("Privacy request accepted")),
            ("privacy.request_refused", _("Privacy request refused")),
            ("privacy.note_added", _("Note added to a privacy request")),
            ("privacy.erasure_started", _("Erasure ordered")),
            ("privacy.key_destroyed", _("Key of a person destroyed")),
            ("privacy.erased", _("Person erased")),
            ("privacy.erasure_report_read", _("Report of an erasure read")),
            ("privacy.hold_placed", _("Legal hold placed")),
            ("privacy.hold_lifted", _("Legal hold lifted")),
            ("privacy.holds_listed", _("Legal holds listed")),
            ("privacy.period_changed", _("Period of retention changed")),
            ("privacy.expired", _("Data removed after its period")),
            ("privacy.consent_text_published", _("Text of a consent published")),
            ("privacy.consent_given", _("Consent given")),
            ("privacy.consent_withdrawn", _("Consent withdrawn")),
            ("privacy.key_rotation_started", _("Key rotation started")),
            ("privacy.key_rotation_resumed", _("Key rotation taken up again")),
            ("privacy.key_rotation_ended", _("Key rotation ended")),
            ("privacy.keys_rewrapped", _("Keys of persons moved to a new key")),
            ("privacy.key_retired", _("Key-encryption key retired")),
            ("privacy.keys_exported", _("Key-encryption keys exported")),
            ("privacy.keys_imported", _("Key-encryption keys imported")),
        ):
            register_action(code, label)
        for retention_class in (
            RetentionClass(
                "audit",
                _("Audit log"),
                2_190,
                _("Kept six years or longer, as health-care rules ask; never shortened, since it proves the rest."),
                minimum_days=2_190,
            ),
            RetentionClass(
                "audit_payloads", _("Sealed details of the audit log"), 2_190, _("As long as the log."), minimum_days=30
            ),
            RetentionClass(
                "invitations", _("Invitations that are over"), 90, _("Long enough to see who invited whom.")
            ),
            RetentionClass(
                "privacy_requests",
                _("Privacy requests that are decided"),
                1_095,
                _("Three years, the usual time in which a decision may be disputed."),
                minimum_days=365,
            ),
        ):
            register_retention_class(retention_class)
        people.register()
        log.register()
        own.register()
