"""What learners and their guardians see of released marks; above marking, which it reads."""
