"""What a learner can do and what to do next, from released marks and practice; above marking, which it reads."""
