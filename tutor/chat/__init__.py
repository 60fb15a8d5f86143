"""A chat about a course's material that guides and does not do open work; it says that it is a machine."""
