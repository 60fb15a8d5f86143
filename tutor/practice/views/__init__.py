"""Pages of practice: for learners, and for those who write exercises."""
