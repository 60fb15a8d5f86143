"""What the interface says of itself: its capability statement, its SMART configuration, and its errors."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from clinical_assist.fhir.keys import ALGORITHMS
from clinical_assist.fhir.resources.common import Resource
from clinical_assist.fhir.server.scopes import ALL, TYPES
from clinical_assist.fhir.server.searching import PARAMETERS

_KINDS = {"_id": "token", "identifier": "token", "patient": "reference", "date": "date"}
_PUBLISHED = "2026-11-28"


def capability(base: str) -> Resource:
    """Return the CapabilityStatement of the interface at ``base``."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _PUBLISHED,
        "kind": "instance",
        "software": {"name": "LLMasOS"},
        "implementation": {"description": "Research software on synthetic data", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": (
                    "Search the items of one patient (patient=) or one resource (_id=). Searches by identifier are"
                    " posted to _search, so that nothing personal stands in an address."
                ),
                "security": {
                    "cors": False,
                    "service": [
                        {
                            "coding": [
                                {
                                    "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                                    "code": "SMART-on-FHIR",
                                }
                            ]
                        }
                    ],
                    "extension": [
                        {
                            "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
                            "extension": [{"url": "token", "valueUri": f"{base}/token"}],
                        }
                    ],
                },
                "resource": [_resource(type_) for type_ in TYPES],
            }
        ],
    }


def smart_configuration(base: str) -> dict[str, Any]:
    """Return what SMART clients look up before they ask for a token."""
    return {
        "token_endpoint": f"{base}/token",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": [ALL, "system/*.rs", *(f"system/{type_}.rs" for type_ in TYPES)],
        "response_types_supported": [],
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
    }


def outcome(code: str, text: str) -> Resource:
    """Return an OperationOutcome; ``code`` is of FHIR's issue types."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": code, "diagnostics": text}],
    }


def searchset(base: str, type_: str, resources: tuple[Resource, ...], total: int, links: dict[str, str]) -> Resource:
    """Return one page of a search."""
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "timestamp": timezone.now().isoformat(),
        "total": total,
        "link": [{"relation": name, "url": url} for name, url in links.items()],
        "entry": [
            {"fullUrl": f"{base}/{type_}/{one['id']}", "resource": one, "search": {"mode": "match"}}
            for one in resources
        ],
    }


def _resource(type_: str) -> Resource:
    return {
        "type": type_,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [{"name": name, "type": _KINDS.get(name, "token")} for name in PARAMETERS[type_]],
    }
