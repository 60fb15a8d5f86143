"""The key for what a browser keeps of an answer that is not saved yet."""

from __future__ import annotations

from django.utils.crypto import salted_hmac

from tutor.models import Submission


def draft_key(submission: Submission) -> str:
    """Return 256 bits in hexadecimal, the same at each visit; only the attempt's learner may be given them.

    The browser seals unsaved words under it, so that who finds them on a shared device cannot read them.
    """
    return salted_hmac("tutor.work.draft", str(submission.pk), algorithm="sha256").hexdigest()
