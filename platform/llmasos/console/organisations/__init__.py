"""The organisations of the installation in numbers."""
