"""Whole rosters of a school from OneRoster files: terms, courses, staff, learners and who is in what."""
