"""Break-glass: access outside the usual relation, for a stated reason and a short time, which somebody reviews."""
