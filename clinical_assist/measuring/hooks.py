"""``bench hooks``: from sending a call of CDS Hooks to having read its cards, as another system does."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management.base import CommandError
from jwt.algorithms import ECAlgorithm

from clinical_assist.hooks.callers import add_caller, remove_caller
from clinical_assist.hooks.definitions import SERVICES
from clinical_assist.measuring import CALLS, WARM_UP, figures
from clinical_assist.measuring.messages import message, resources
from clinical_assist.models import HookCaller, RuleFiring
from llmasos.accounts.models import Organisation
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in

if TYPE_CHECKING:
    import httpx

_SECONDS: Final = 30.0


def bench_hooks(principal: Principal) -> dict[str, Any]:
    """Measure the milliseconds that the running web server takes for each hook, with a record of full length.

    The caller that asks is registered for the time of the measurement, and the rules that fire for it are not counted.

    Raises:
        CommandError: a call was not answered with cards.
    """
    # No process but this command's needs a client.
    import httpx

    from llmasos.client.credentials import find_credentials

    with acting_in(principal.organisation_id):
        slug = Organisation.objects.get(pk=principal.organisation_id).slug
    address = urljoin(find_credentials().base_url, f"/o/{slug}/cds-services")
    key, issuer = ec.generate_private_key(ec.SECP384R1()), f"urn:llmasos:bench:{uuid4()}"
    public = json.loads(ECAlgorithm.to_jwk(key.public_key()))
    values = {"name": "Benchmark", "issuer": issuer, "key_set": {"keys": [{**public, "kid": "bench", "alg": "ES384"}]}}
    caller = add_caller(principal, values)
    measured: dict[str, list[float]] = {hook: [] for hook in SERVICES}
    try:
        with httpx.Client(timeout=_SECONDS) as client:
            # In turn, so that what else the machine does falls on all hooks alike.
            for _round in range(WARM_UP + CALLS):
                for hook, seconds in measured.items():
                    seconds.append(_seconds(client, f"{address}/{hook}", hook, issuer, key))
    finally:
        _tidy_up(principal, caller)
    return {
        "benchmark": "hooks",
        "resources": resources(),
        **{hook: figures(seconds[WARM_UP:]) for hook, seconds in measured.items()},
    }


def _seconds(client: httpx.Client, address: str, hook: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> float:
    now = int(time.time())
    claims = {"iss": issuer, "aud": address, "iat": now, "exp": now + 240, "jti": str(uuid4())}
    token = jwt.encode(claims, key, algorithm="ES384", headers={"kid": "bench"})
    content = json.dumps(message(hook))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    started = time.perf_counter()
    answer = client.post(address, content=content, headers=headers)
    if not answer.is_success or not answer.json()["cards"]:
        raise CommandError(f"{hook} was answered with status {answer.status_code}, and no cards.")
    return time.perf_counter() - started


def _tidy_up(principal: Principal, caller: HookCaller) -> None:
    remove_caller(principal, caller.pk)
    with acting_in(principal.organisation_id):
        # What stood under a rule on its card goes with it.
        RuleFiring.objects.for_organisation(principal.organisation_id).filter(card__caller=caller).delete()
        caller.delete()
