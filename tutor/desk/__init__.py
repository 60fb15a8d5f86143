"""The grading desk: pages on which people mark, over the services and queries of ``tutor.marking``."""
