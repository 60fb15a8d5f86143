"""Setting work: assignments, their questions, and rubrics versioned by content."""
