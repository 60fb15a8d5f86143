"""The support assistant's part of the platform's API, under /api/support/."""
