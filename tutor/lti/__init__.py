"""LTI 1.3: learning platforms launch the tutor, and classes and scores go between the two."""
