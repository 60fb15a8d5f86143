"""Feedback to learners: the bank of a course's own sentences, and drafts that a marker takes, edits or leaves."""
