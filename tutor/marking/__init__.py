"""Marks: their points, and requests to have one looked at again."""
