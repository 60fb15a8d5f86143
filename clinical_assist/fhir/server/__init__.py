"""The FHIR interface for programs: who may read what, and the answers."""
