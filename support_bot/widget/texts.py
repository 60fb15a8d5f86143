"""The words that the widget's scripts show, in the language of the request."""

from __future__ import annotations

from django.utils.translation import gettext as _


def widget_texts() -> dict[str, str]:
    """Return the table that the frame page hands to its scripts."""
    return {
        "you": _("You"),
        "assistant": _("Assistant"),
        "sending": _("Sending…"),
        "notSent": _("Not sent."),
        "tryAgain": _("Try again"),
        "typing": _("The assistant is looking for an answer"),
        "stopped": _("Stopped."),
        "failed": _("Something went wrong and there is no answer."),
        "offline": _("You are offline. Your text is kept."),
        "unreachable": _("The assistant could not be reached."),
        "tooMany": _("That was too many messages at once. Please wait {seconds} seconds."),
        "openSource": _("Open source {n}: {title}"),
        "rate": _("Was this answer helpful?"),
        "helpful": _("Helpful"),
        "unhelpful": _("Not helpful"),
        "nothingStored": _("Nothing is stored about you: you have not asked anything yet."),
        "thanks": _("Thank you for your rating."),
        "ratingRemoved": _("Your rating was removed."),
    }
