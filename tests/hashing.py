"""How the suite hashes passwords."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """The platform's method at its least cost: nearly every test makes people, and hardly one asks for a password."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
