"""Who may enter."""

from __future__ import annotations

READERS = ("administrator", "clinician")
ADMINISTRATORS = ("administrator",)
