"""What went wrong: failed runs, pages and tasks, found by the id that people are shown."""
