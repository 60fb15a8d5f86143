"""What the tutor's part of the API takes and gives, one module a topic."""
