"""Changing the tables of medicines: proposals from a form and from files, what they would do, and their pages."""
