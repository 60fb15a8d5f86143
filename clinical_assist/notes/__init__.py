"""The note of an encounter: drafted from what was recorded, signed by a clinician, then frozen with its digest."""
