"""Where this installation is, and for whom it runs."""

from __future__ import annotations

from pathlib import Path

import environ

from llmasos.runtime import locations

env = environ.FileAwareEnv()

BASE_DIR = Path(__file__).resolve().parents[3]
VAR = locations.var_folder()

# local: this machine only; production: reachable by others; test: the test suite.
ENVIRONMENT: str = env.str("LLMASOS_ENV", "local")
PRODUCTION = ENVIRONMENT == "production"
TESTING = ENVIRONMENT == "test"
DEBUG: bool = env.bool("LLMASOS_DEBUG", False)
LLMASOS_DEMO: bool = env.bool("LLMASOS_DEMO", not PRODUCTION)
