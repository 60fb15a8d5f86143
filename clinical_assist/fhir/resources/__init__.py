"""What we hold as FHIR R4 resources."""
