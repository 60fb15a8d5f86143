"""The pages of a note."""
