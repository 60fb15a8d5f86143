"""The organisation's own model of verdicts: learnt from the marks that its people gave, kept and used here alone."""
