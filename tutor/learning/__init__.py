"""What a learner can do and what to do next, from released marks alone; above marking and results, which it reads."""
