"""Writes of privacy: erasure, export, requests, consent, periods and holds."""

from llmasos.privacy.services.consent import give_consent, publish_text, withdraw_consent
from llmasos.privacy.services.erasure import (
    carry_out,
    erase_again,
    erase_now,
    report_digest,
    start_erasure,
    why_blocked,
)
from llmasos.privacy.services.exports import as_zip, export_subject, shows_names
from llmasos.privacy.services.holds import hold_class, hold_subject, lift_hold
from llmasos.privacy.services.requests import accept, add_note, extend, make_request, refuse, take_on
from llmasos.privacy.services.retention import Expired, expire, expire_all, set_period
from llmasos.privacy.services.signed_reports import is_signed, signed_report
from llmasos.privacy.services.taking_up import take_up_erasures

__all__ = [
    "Expired", "accept", "add_note", "as_zip", "carry_out", "erase_again", "erase_now", "expire", "expire_all",
    "export_subject", "extend", "give_consent", "hold_class", "hold_subject", "is_signed", "lift_hold", "make_request",
    "publish_text", "refuse", "report_digest", "set_period", "shows_names", "signed_report", "start_erasure", "take_on",
    "take_up_erasures", "why_blocked", "withdraw_consent",
]  # fmt: skip
