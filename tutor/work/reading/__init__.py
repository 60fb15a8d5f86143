"""The text of files that learners hand in."""
