"""Marks given outside: read from a table, previewed, given and undone as a whole; and the sheet for them."""
