"""An assignment as a learner would see it, for its teacher. Nothing is written."""
