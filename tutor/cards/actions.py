"""The actions of cards in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.cards_shown", _("Cards that were made shown again"), operation="disclose")
    register_action("tutor.card_made", _("Card with a PIN made for a pupil"), operation="update")
