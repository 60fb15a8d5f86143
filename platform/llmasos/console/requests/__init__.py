"""Requests to models: what runs now and what ended, with where the time went; stopping one."""
