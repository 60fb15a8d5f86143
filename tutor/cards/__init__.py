"""Pupils without an e-mail address: cards with a number and a PIN, and signing in with one."""
