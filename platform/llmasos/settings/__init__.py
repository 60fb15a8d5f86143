"""Settings of the platform, from the environment; a module a topic.

Every value can be given as a variable or, for secrets, as ``NAME_FILE`` naming a file that holds it.
Without any, the embedded PostgreSQL and Valkey under ``LLMASOS_VAR`` are used.
"""

from llmasos.settings.applications import *
from llmasos.settings.environment import *
from llmasos.settings.keys import *
from llmasos.settings.log import *
from llmasos.settings.logs import *
from llmasos.settings.people import *
from llmasos.settings.schedule import *
from llmasos.settings.services import *
from llmasos.settings.web import *
