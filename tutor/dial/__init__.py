"""How many proposals a teacher reviews, against how far people are expected to agree with the rest."""
