"""Courses, and the people in them."""
