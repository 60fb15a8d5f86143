"""Why something about a course was refused, in words for people."""

from __future__ import annotations


class CourseError(Exception):
    """Something about a course was refused; the message says why and what to do."""
