"""The composition root: one command starts every process, watches them and stops them."""
