"""Pages of learning: for learners, and for the staff of a course."""
