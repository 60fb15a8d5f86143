"""The subcommands of ``manage.py fhir``."""
