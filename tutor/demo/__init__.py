"""The demo school: a course with its material, a class of a hundred, and work to mark."""
