"""The grading desk: what there is to mark, one answer at a time, release and regrade requests."""
