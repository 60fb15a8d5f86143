"""Knowledge: collections of documents, cut into chunks that search finds."""

from __future__ import annotations

from pathlib import PurePosixPath
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pgvector.django import HnswIndex, VectorField

from llmasos.accounts.tenancy import OrganisationOwned

DIMENSIONS = 384
DEFAULT_LEXICAL_WEIGHT = 0.15


class Collection(OrganisationOwned):
    """Documents that are searched together.

    ``lexical_weight`` is the share of the lexical leg in a hit's score, fitted on ``fitted_probes`` questions
    that the collection's own documents gave. ``chunk_count`` and ``term_total`` are the lexical leg's statistics.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(_("name"), max_length=100)
    # Empty until the first documents tell; decides on stemming.
    language = models.CharField(_("language"), max_length=16, blank=True)
    settings = models.JSONField(default=dict)
    lexical_weight = models.FloatField(default=DEFAULT_LEXICAL_WEIGHT)
    fitted_at = models.DateTimeField(null=True)
    fitted_probes = models.PositiveIntegerField(default=0)
    chunk_count = models.PositiveIntegerField(default=0)
    term_total = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="retrieval_collection_name")]

    def __str__(self) -> str:
        return self.name


class DocumentState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    PARSING = "parsing", _("Reading")
    EMBEDDING = "embedding", _("Embedding")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


WORKING_STATES = (DocumentState.QUEUED, DocumentState.PARSING, DocumentState.EMBEDDING)


class Document(OrganisationOwned):
    """One imported source under the importer's own id.

    ``content_digest`` is the original's SHA-256, ``indexed_digest`` that of what search finds now: they differ while
    a new version is prepared, and the old one serves until then. ``attempt`` fences work that was delivered twice.
    ``subject_kind`` and ``subject_id`` say whose data it is, where it is somebody's: it goes when they are erased.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    collection = models.ForeignKey(Collection, models.CASCADE, related_name="documents")
    external_id = models.CharField(max_length=500)
    title = models.CharField(_("title"), max_length=500, blank=True)
    url = models.CharField(max_length=2000, blank=True)
    language = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=16, choices=DocumentState, default=DocumentState.QUEUED)
    failure = models.CharField(max_length=500, blank=True)
    content_digest = models.CharField(max_length=64)
    indexed_digest = models.CharField(max_length=64, blank=True)
    chunk_count = models.PositiveIntegerField(default=0)
    attempt = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    state_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    subject_kind = models.CharField(max_length=64, blank=True)
    subject_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.UniqueConstraint(fields=["collection", "external_id"], name="retrieval_document_external_id")
        ]
        indexes = [
            models.Index(fields=["collection", "state"], name="retrieval_document_state"),
            models.Index(fields=["collection", "content_digest"], name="retrieval_document_digest"),
            models.Index(
                fields=["organisation", "subject_id"],
                name="retrieval_document_subject",
                condition=models.Q(subject_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.external_id

    @property
    def file_name(self) -> str:
        """A name to hand the original out under: the last part of the importer's id, never a path."""
        return PurePosixPath(self.external_id.replace("\\", "/")).name or str(self.pk)


class Original(OrganisationOwned):
    """What was uploaded, byte for byte, stored before any work on it starts."""

    document = models.OneToOneField(Document, models.CASCADE, primary_key=True, related_name="original")
    media_type = models.CharField(max_length=100)
    content = models.BinaryField()


class Chunk(OrganisationOwned):
    """A passage that search returns, sized by the embedding model's tokenizer.

    ``embedding`` is a mean of unit vectors (of the question and of question with answer, for an entry of a FAQ), so
    that its inner product with a query is the mean similarity. ``term_count`` is the passage's lexical length.
    """

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="+")
    document = models.ForeignKey(Document, models.CASCADE, related_name="chunks")
    position = models.PositiveIntegerField()
    heading_path = ArrayField(models.TextField(), default=list)
    text = models.TextField()
    token_count = models.PositiveIntegerField()
    term_count = models.PositiveIntegerField(default=0)
    embedding = VectorField(dimensions=DIMENSIONS)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "position"], name="retrieval_chunk_position")]
        indexes = [
            models.Index(fields=["collection"], name="retrieval_chunk_collection"),
            HnswIndex(
                name="retrieval_chunk_embedding", fields=["embedding"], m=16, ef_construction=64,
                opclasses=["vector_ip_ops"],
            ),
        ]  # fmt: skip


class Posting(OrganisationOwned):
    """How often a term occurs in a chunk of ``length`` terms: the lexical index with document frequencies."""

    pk = models.CompositePrimaryKey("chunk_id", "term")
    chunk = models.ForeignKey(Chunk, models.CASCADE, related_name="+", db_index=False)
    collection = models.ForeignKey(Collection, models.CASCADE, related_name="+", db_index=False)
    term = models.TextField()
    frequency = models.PositiveSmallIntegerField()
    length = models.PositiveIntegerField()

    class Meta:
        indexes = [
            models.Index(
                fields=["collection", "term"], include=["chunk", "frequency", "length"], name="retrieval_posting_term"
            )
        ]
