"""What privacy records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={
        "url privacy:mine": "privacy.own_data_read",
        "url privacy:my_export": "privacy.exported",
        "url privacy:ask": "privacy.request_made",
        "url privacy:withdraw": "privacy.consent_withdrawn",
        "url privacy:requests": "privacy.requests_listed",
        "url privacy:take_down": "privacy.request_made",
        "url privacy:request": "privacy.request_read",
        "url privacy:take_on": "privacy.request_taken_on",
        "url privacy:decide": "privacy.request_accepted privacy.request_refused privacy.request_extended",
        "url privacy:note": "privacy.note_added",
        "url privacy:request_export": "privacy.exported",
        "url privacy:erasure": "privacy.erasure_report_read",
        "url privacy:signed_report": "privacy.erasure_report_read",
        "url privacy:retention": "privacy.holds_listed",
        "url privacy:set_period": "privacy.period_changed",
        "url privacy:place_hold": "privacy.hold_placed",
        "url privacy:lift_hold": "privacy.hold_lifted",
        "service llmasos.privacy.services.consent.publish_text": "privacy.consent_text_published",
        "service llmasos.privacy.services.consent.give_consent": "privacy.consent_given",
        "service llmasos.privacy.services.consent.withdraw_consent": "privacy.consent_withdrawn",
        "service llmasos.privacy.services.erasure.start_erasure": "privacy.erasure_started",
        "service llmasos.privacy.services.erasure.erase_now": "privacy.erasure_started privacy.erased",
        "service llmasos.privacy.services.erasure.erase_again": "privacy.erasure_started privacy.erased",
        "service llmasos.privacy.services.erasure.carry_out": "privacy.key_destroyed privacy.erased",
        "service llmasos.privacy.services.signed_reports.signed_report": "privacy.erasure_report_read",
        "service llmasos.privacy.services.exports.export_subject": "privacy.exported",
        "service llmasos.privacy.services.holds.hold_subject": "privacy.hold_placed",
        "service llmasos.privacy.services.holds.hold_class": "privacy.hold_placed",
        "service llmasos.privacy.services.holds.lift_hold": "privacy.hold_lifted",
        "service llmasos.privacy.services.requests.make_request": "privacy.request_made",
        "service llmasos.privacy.services.requests.take_on": "privacy.request_taken_on",
        "service llmasos.privacy.services.requests.extend": "privacy.request_extended",
        "service llmasos.privacy.services.requests.add_note": "privacy.note_added",
        "service llmasos.privacy.services.requests.accept": "privacy.request_accepted",
        "service llmasos.privacy.services.requests.refuse": "privacy.request_refused",
        "service llmasos.privacy.services.retention.set_period": "privacy.period_changed",
        "service llmasos.privacy.services.retention.expire": "privacy.expired",
        "service llmasos.privacy.services.retention.expire_all": "privacy.expired",
        "service llmasos.privacy.services.taking_up.take_up_erasures": "privacy.key_destroyed privacy.erased",
        "task privacy.erase": "privacy.key_destroyed privacy.erased",
        "task privacy.expire": "privacy.expired",
        "task privacy.take_up": "privacy.key_destroyed privacy.erased",
    },
    unrecorded={
        "url privacy:processing": "Describes what is processed and why, without anybody's data.",
        "service llmasos.privacy.services.erasure.why_blocked": (
            "Says which hold stands in the way, to a caller that records what it does."
        ),
        "service llmasos.privacy.services.erasure.report_digest": "Computes a digest of what it is given.",
        "service llmasos.privacy.services.signed_reports.is_signed": "Says whether a checkpoint covers an erasure.",
        "service llmasos.privacy.services.exports.shows_names": "Answers from the kind of a subject alone.",
        "service llmasos.privacy.services.exports.as_zip": "Packs what an export, which is recorded, has read.",
        "service llmasos.privacy.services.requests.months_after": "Counts months; reads nothing.",
    },
)
