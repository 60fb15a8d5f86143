"""The platform's settings, with passwords hashed as the suite hashes them: another way would hash them anew."""

from llmasos.settings import *  # noqa: F403
from llmasos.settings import PASSWORD_HASHERS as DEPLOYED

PASSWORD_HASHERS = ["tests.hashing.QuickArgon2", *DEPLOYED]
