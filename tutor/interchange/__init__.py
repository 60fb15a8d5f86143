"""Rosters, marks, answers and questions as the files that schools and learning management systems exchange."""
