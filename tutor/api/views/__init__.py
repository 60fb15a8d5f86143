"""The tutor's part of the API, one module a topic."""
