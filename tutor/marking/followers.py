"""Who is told that results are shown otherwise than before: packages above marking register in ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from tutor.models import Submission

# Called in the transaction that shows results or takes them back, with the submissions (and their assignments).
Follower = Callable[[UUID, Sequence[Submission]], None]

_followers: list[Follower] = []


def register_follower(follower: Follower) -> None:
    """Have a function called whenever results are shown or taken back."""
    if follower not in _followers:
        _followers.append(follower)


def tell_followers(organisation_id: UUID, submissions: Sequence[Submission]) -> None:
    """Call every follower, once for all submissions."""
    if submissions:
        for follower in _followers:
            follower(organisation_id, submissions)
