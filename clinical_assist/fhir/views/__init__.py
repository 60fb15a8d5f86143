"""The pages of imports, exports and other systems."""
