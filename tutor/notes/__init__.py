"""Notes of markers on passages of an answer."""
