"""A learning platform: it signs launches, and serves its keys, tokens, members, line items and scores."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from jwcrypto.jwk import JWK

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership"
CLIENT = "client-1"
DEPLOYMENT = "deployment-1"


@dataclass
class LearningPlatform:
    """What the platform knows. ``refuses`` are the users whose scores it does not take."""

    address: str = ""
    key: JWK = field(default_factory=lambda: JWK.generate(kty="RSA", size=2048, kid="key-1"))
    members: list[dict[str, Any]] = field(default_factory=list)
    scores: list[dict[str, Any]] = field(default_factory=list)
    results: dict[str, float] = field(default_factory=dict)
    refuses: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    @property
    def registration(self) -> dict[str, Any]:
        return {
            "name": "Moodle",
            "issuer": self.address,
            "client_id": CLIENT,
            "deployment_ids": [DEPLOYMENT],
            "key_set_url": f"{self.address}/keys",
            "authorisation_url": f"{self.address}/authorise",
            "token_url": f"{self.address}/token",
        }

    def id_token(self, expected: str, *, key: JWK | None = None, **changes: Any) -> str:
        """Sign a launch; ``changes`` replace claims, with "lti_" before those of LTI."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": "user-1",
            "nonce": expected,
            "iat": now,
            "exp": now + 60,
            f"{CLAIM}message_type": "LtiResourceLinkRequest",
            f"{CLAIM}version": "1.3.0",
            f"{CLAIM}deployment_id": DEPLOYMENT,
            f"{CLAIM}target_link_uri": "https://tool.example/",
            f"{CLAIM}resource_link": {"id": "link-1", "title": "Heat"},
            f"{CLAIM}context": {"id": "class-1", "title": "Physics on Moodle"},
            f"{CLAIM}roles": [f"{ROLE}#Learner"],
            "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
                "context_memberships_url": f"{self.address}/members", "service_versions": ["2.0"],
            },
            "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
                "scope": [
                    "https://purl.imsglobal.org/spec/lti-ags/scope/score",
                    "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
                ],
                "lineitem": f"{self.address}/items/1",
            },
        }  # fmt: skip
        claims |= {name.replace("lti_", CLAIM, 1): value for name, value in changes.items()}
        pem = (key or self.key).export_to_pem(private_key=True, password=None)
        return jwt.encode(claims, pem, algorithm="RS256", headers={"kid": "key-1"})

    def answer(self, method: str, path: str, body: str) -> tuple[int, object]:
        """Return status and JSON for a request."""
        self.asked.append(f"{method} {path}")
        if path == "/keys":
            return 200, {"keys": [{**json.loads(self.key.export_public()), "alg": "RS256", "use": "sig"}]}
        if path == "/token":
            return 200, {"access_token": "token", "token_type": "Bearer", "expires_in": 3600}
        if path.startswith("/members"):
            return 200, {"id": "members", "context": {"id": "class-1"}, "members": self.members}
        if path == "/items/1/scores":
            return self._scored(json.loads(body))
        if path.startswith("/items/1/results"):
            return 200, [
                {"userId": user, "resultScore": value, "resultMaximum": 2} for user, value in self.results.items()
            ]
        return 404, {}

    def _scored(self, score: Mapping[str, Any]) -> tuple[int, object]:
        if score["userId"] in self.refuses:
            return 422, {"error": "no such user"}
        self.scores.append(dict(score))
        if "scoreGiven" in score:
            self.results[score["userId"]] = score["scoreGiven"]
        else:
            self.results.pop(score["userId"], None)
        return 200, {}


@contextmanager
def learning_platform() -> Iterator[LearningPlatform]:
    """Run a platform on the loopback address."""
    platform = LearningPlatform()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def _answer(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            status, answer = platform.answer(method, self.path, body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            """Say nothing on the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    platform.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
