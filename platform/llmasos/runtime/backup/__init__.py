"""Backup into one file, and restore into an empty system.

A backup is a tar archive of the database's tables (as COPY text, in pieces), of the uploaded files, the checkpoints
and the settings that are no secrets, with a manifest of SHA-256 digests. It never holds a key-encryption key or the
key that signs checkpoints. The tables of a restored system come from migrations and not from the archive: roles may be
named otherwise, the server may be another version, and no statement out of a backup is ever executed.
"""
