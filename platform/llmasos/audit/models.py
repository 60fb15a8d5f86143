from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import actions


class Outcome(models.TextChoices):
    SUCCESS = "success", _("Success")
    DENIED = "denied", _("Denied")
    FAILURE = "failure", _("Failure")


class Entry(models.Model):
    """One thing that happened. Inserted by the transaction that did it, and never changed.

    It holds codes, ids and digests, no text and no personal data; organisation, actor, subject and object
    are named without foreign keys, since the entry outlives them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation_id = models.UUIDField(_("organisation"))
    actor_kind = models.CharField(_("kind of actor"), max_length=32)
    actor_id = models.UUIDField(_("actor"), null=True)
    actor_role = models.CharField(_("role"), max_length=128)
    action = models.CharField(_("action"), max_length=128)
    subject_kind = models.CharField(_("kind of subject"), max_length=64)
    subject_id = models.UUIDField(_("whose data"), null=True)
    object_kind = models.CharField(_("kind of object"), max_length=64)
    object_id = models.UUIDField(_("object"), null=True)
    purpose = models.CharField(_("purpose"), max_length=128)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    recorded_at = models.DateTimeField(_("time"))
    request_id = models.CharField(_("request"), max_length=64)
    digests = models.JSONField(_("digests"), default=dict)
    digest = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("log entries")
        indexes = [
            models.Index(fields=["organisation_id", "recorded_at", "id"], name="audit_entry_by_time"),
            models.Index(
                fields=["organisation_id", "subject_id", "recorded_at"],
                name="audit_entry_by_subject",
                condition=models.Q(subject_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.recorded_at:%Y-%m-%d %H:%M:%S}"

    def action_label(self) -> str:
        """Return the action's name for people; the code where its package is no longer installed."""
        known = actions().get(self.action)
        return str(known.label) if known else self.action


class Position(models.Model):
    """An entry's place in its organisation's log, given by the sequencer and never changed."""

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, related_name="position")
    organisation_id = models.UUIDField(_("organisation"))
    seq = models.BigIntegerField(_("number"))
    previous_hash = models.BinaryField(max_length=32)
    leaf_hash = models.BinaryField(max_length=32)
    chain_hash = models.BinaryField(max_length=32)
    sequenced_at = models.DateTimeField(_("sequenced"))

    class Meta:
        verbose_name = _("log position")
        verbose_name_plural = _("log positions")
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "seq"], name="audit_position_no_second"),
            models.UniqueConstraint(fields=["organisation_id", "previous_hash"], name="audit_position_no_fork"),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="audit_position_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.seq}"


class Node(models.Model):
    """The Merkle hash of a complete subtree of ``2**level`` leaves, kept to make proofs quick (see ``audit.tree``)."""

    pk = models.CompositePrimaryKey("organisation_id", "level", "index")
    organisation_id = models.UUIDField(_("organisation"))
    level = models.SmallIntegerField(_("level"))
    index = models.BigIntegerField(_("number"))
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("hash of a part of the log")
        verbose_name_plural = _("hashes of parts of the log")

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class Pending(models.Model):
    """An entry that waits for its position.

    A trigger adds the row with the entry, in the same transaction, and the sequencer removes it: so the
    sequencer finds exactly what is committed, however late, and never waits for a transaction that is not.
    """

    entry_id = models.UUIDField(primary_key=True)
    organisation_id = models.UUIDField(_("organisation"))

    class Meta:
        verbose_name = _("entry without position")
        verbose_name_plural = _("entries without position")
        indexes = [models.Index(fields=["organisation_id"], name="audit_pending_by_organisation")]

    def __str__(self) -> str:
        return str(self.entry_id)


class Payload(models.Model):
    """What an entry's digests must not hold, sealed under its subject's own key.

    The entry commits to the ciphertext (``digests["payload"]``). Destroying the subject's key makes it unreadable;
    a removal is itself an entry of the log, so that verification tells it from a swap.
    """

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, related_name="payload")
    organisation_id = models.UUIDField(_("organisation"))
    subject_kind = models.CharField(_("kind of subject"), max_length=64)
    subject_id = models.UUIDField(_("whose data"))
    recorded_at = models.DateTimeField(_("time"))
    ciphertext = models.BinaryField()

    class Meta:
        verbose_name = _("payload of an entry")
        verbose_name_plural = _("payloads of entries")
        indexes = [
            models.Index(fields=["organisation_id", "subject_id"], name="audit_payload_by_subject"),
            models.Index(fields=["organisation_id", "recorded_at"], name="audit_payload_by_time"),
        ]

    def __str__(self) -> str:
        return str(self.entry_id)


class SigningKey(models.Model):
    """The public part of a key that signs checkpoints, for display: verification trusts the copy kept outside."""

    fingerprint = models.CharField(_("fingerprint"), max_length=64, primary_key=True)
    number = models.PositiveIntegerField(_("number"), unique=True)
    verifier_key = models.CharField(_("verifier key"), max_length=255)
    endorsement = models.TextField(_("endorsement"))
    created_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")

    def __str__(self) -> str:
        return self.verifier_key


class Checkpoint(models.Model):
    """A signed statement of how long a log was at a time and what its root was.

    ``number`` counts the checkpoints of this log and ``serial`` those of the installation, so that a missing one
    leaves a gap. The row is a copy: the note counts where it is stored outside the database.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation_id = models.UUIDField(_("organisation"))
    number = models.BigIntegerField(_("number"))
    serial = models.BigIntegerField(_("number in the installation"), unique=True)
    size = models.BigIntegerField(_("entries"))
    root = models.BinaryField(max_length=32)
    chain_hash = models.BinaryField(max_length=32)
    note = models.TextField(_("signed note"))
    key = models.ForeignKey(SigningKey, models.PROTECT, verbose_name=_("signing key"), related_name="+")
    created_at = models.DateTimeField(_("signed"))

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "number"], name="audit_checkpoint_no_second"),
        ]
        indexes = [models.Index(fields=["organisation_id", "size"], name="audit_checkpoint_by_size")]

    def __str__(self) -> str:
        return f"{self.number}: {self.size}"


class Delivery(models.Model):
    """How far a checkpoint got on its way to one store outside the database."""

    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, related_name="deliveries")
    organisation_id = models.UUIDField(_("organisation"))
    store = models.CharField(_("store"), max_length=255)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    countersignature = models.TextField(_("countersignature"), blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    problem = models.CharField(_("problem"), max_length=255, blank=True)
    try_after = models.DateTimeField(_("tried again after"))

    class Meta:
        verbose_name = _("delivery of a checkpoint")
        verbose_name_plural = _("deliveries of checkpoints")
        constraints = [
            models.UniqueConstraint(fields=["checkpoint", "store"], name="audit_delivery_once"),
        ]
        indexes = [
            models.Index(
                fields=["try_after"], condition=models.Q(delivered_at__isnull=True), name="audit_delivery_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.store}: {self.checkpoint_id}"
