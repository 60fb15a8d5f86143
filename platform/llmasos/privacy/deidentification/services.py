"""De-identifying texts by an organisation's policy, leading surrogates back, and setting the policy."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.privacy.deidentification import permissions
from llmasos.privacy.deidentification.locating import Asked, locator
from llmasos.privacy.deidentification.models import Policy, SurrogateMap
from llmasos.privacy.deidentification.queries import Rules, current_rules
from llmasos.privacy.deidentification.surrogates import Scope
from llmasos.privacy.deidentification.transforming import Deidentified, Replacements, Treatment, transform
from llmasos.privacy.deidentification.types import EntityType
from llmasos.vault import sealing
from llmasos.vault.services import data_key, data_key_by_id

_ORGANISATION = "deidentification"


def deidentify(
    principal: Principal,
    text: str,
    *,
    rules: Rules | None = None,
    subject: Ref | None = None,
    known: Sequence[str] = (),
) -> Deidentified:
    """De-identify one text; see :func:`deidentify_all`."""
    return deidentify_all(principal, (text,), rules=rules, subject=subject, known=known)[0]


def deidentify_all(
    principal: Principal,
    texts: Sequence[str],
    *,
    rules: Rules | None = None,
    subject: Ref | None = None,
    known: Sequence[str] = (),
    scope: Scope | None = None,
) -> list[Deidentified]:
    """De-identify texts that belong together, by the organisation's policy unless ``rules`` are given.

    Surrogates are the same within a subject, or within the organisation without one; a subject's dates all move by
    the same number of days. ``known`` are the subject's own identifiers, which are found whatever their form.
    Raises NotLocatedError where the texts could not be searched: nothing is returned then.
    """
    rules = rules or current_rules(principal.organisation_id)
    asked = Asked(tuple(texts), tuple(known), rules.types, rules.threshold)
    located = locator()(principal, asked)
    replacements = Replacements(scope or scope_of(principal.organisation_id, subject))
    return [
        transform(text, findings, treatments=rules.all_treatments, replacements=replacements)
        for text, findings in zip(texts, located, strict=True)
    ]


def scope_of(organisation_id: UUID, subject: Ref | None) -> Scope:
    """Return the scope of a subject, whose secret is the subject's own key, or that of the organisation.

    Raises KeyDestroyedError for a subject that was erased.
    """
    kind, subject_id = (
        (subject.kind, subject.id) if subject is not None and subject.id else (_ORGANISATION, organisation_id)
    )
    with acting_in(organisation_id):
        key = data_key(organisation_id=organisation_id, subject_kind=kind, subject_id=subject_id)
    return Scope(Scope(key.secret).digest("deidentification"))


def keep_map(principal: Principal, result: Deidentified, *, subject: Ref) -> UUID:
    """Keep what leads back from a text's surrogates, sealed under the subject's key, and return the map's id."""
    if subject.id is None:
        raise ValueError("a map belongs to a subject")
    organisation_id, map_id = principal.organisation_id, uuid4()
    with acting_in(organisation_id):
        key = data_key(organisation_id=organisation_id, subject_kind=subject.kind, subject_id=subject.id)
        plaintext = json.dumps(dict(result.originals), ensure_ascii=False).encode()
        SurrogateMap.objects.create(
            id=map_id,
            organisation_id=organisation_id,
            subject_kind=subject.kind,
            subject_id=subject.id,
            sealed=sealing.encrypt(plaintext, cipher=key.cipher(), key_id=key.id.bytes, context=_context(map_id)),
        )
        record(
            organisation_id=organisation_id,
            actor=principal.actor,
            action="deidentification.keep_map",
            subject=subject,
            object=Ref("surrogate_map", map_id),
        )
    return map_id


def originals_of(principal: Principal, map_id: UUID) -> Mapping[str, str]:
    """Return what a map's surrogates stand for. Recorded as a read of the subject's data.

    Raises PermissionDenied, SurrogateMap.DoesNotExist, or KeyDestroyedError where the subject was erased.
    """
    organisation_id = principal.organisation_id
    if not permissions.may_restore(principal):
        raise PermissionDenied("only who may read the record may lead surrogates back")
    with acting_in(organisation_id):
        kept = SurrogateMap.objects.for_organisation(organisation_id).get(pk=map_id)
        record(
            organisation_id=organisation_id,
            actor=principal.actor,
            action="deidentification.restore",
            subject=Ref(kept.subject_kind, kept.subject_id),
            object=Ref("surrogate_map", map_id),
        )
        blob = bytes(kept.sealed)
        key = data_key_by_id(UUID(bytes=sealing.read_key_id(blob)))
    opened: dict[str, str] = json.loads(sealing.decrypt(blob, cipher=key.cipher(), context=_context(map_id)))
    return opened


def set_policy(
    principal: Principal, *, treatments: Mapping[str, str], threshold: float, protects_outside: bool
) -> Policy:
    """Make a new version of the organisation's policy. Raises PermissionDenied or ValidationError."""
    if not permissions.may_change(principal):
        raise PermissionDenied("only an administrator sets the policy")
    if not set(treatments) <= set(EntityType.values) or not set(treatments.values()) <= set(Treatment.values):
        raise ValidationError(_("This is no known type or treatment."))
    if treatments.get(EntityType.KNOWN) == Treatment.KEEP:
        raise ValidationError(_("What is known of the person concerned is always replaced."))
    if not 0.0 <= threshold <= 1.0:
        raise ValidationError(_("The least score is from 0 to 1."))
    organisation_id = principal.organisation_id
    with acting_in(organisation_id):
        newest = Policy.objects.for_organisation(organisation_id).aggregate(newest=Max("version"))["newest"] or 0
        policy = Policy.objects.create(
            organisation_id=organisation_id,
            version=newest + 1,
            treatments=dict(treatments),
            threshold=threshold,
            protects_outside=protects_outside,
            created_by_id=principal.id if principal.kind == "person" else None,
        )
        record(
            organisation_id=organisation_id,
            actor=principal.actor,
            action="deidentification.set_policy",
            object=Ref("deidentification_policy", policy.pk),
        )
    return policy


def _context(map_id: UUID) -> str:
    return f"privacy_deidentification.surrogate_map:{map_id}"
