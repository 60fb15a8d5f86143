"""A learner's own record, to take along: everything of theirs that they may read, and nothing else."""
