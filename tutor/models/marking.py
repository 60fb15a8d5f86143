"""Proposals of the machine and marks of people, which are never the same rows."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from llmasos.accounts.tenancy import OrganisationOwned
from llmasos.vault.fields import EncryptedTextField
from tutor.models.courses import Course, Learner
from tutor.models.work import Answer, Question, RubricVersion, Submission


class ProposalRun(OrganisationOwned):
    """One pass of the engine over a question's answers. A later pass stands beside it and replaces nothing."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("At work")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    class Reason(models.TextChoices):
        FIRST = "first", _("First pass")
        MARKS = "marks", _("New marks to learn from")
        RUBRIC = "rubric", _("The rubric changed")
        MODEL = "model", _("The model changed")
        ASKED = "asked", _("Asked for")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(Question, models.CASCADE, related_name="proposal_runs")
    rubric = models.ForeignKey(RubricVersion, models.PROTECT, related_name="+")
    model_digest = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=16, choices=Reason, default=Reason.ASKED)
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    # Only the applied run's proposals are shown to markers; the others can be compared with it.
    applied_at = models.DateTimeField(null=True)
    # Human marks that it learned from, and the answers that it would like to have marked first.
    marks_seen = models.PositiveIntegerField(default=0)
    seeds = ArrayField(models.UUIDField(), default=list)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=60, blank=True)
    requested_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["question", "-created_at"], name="tutor_run_recent")]

    def __str__(self) -> str:
        return str(self.pk)


class Proposal(OrganisationOwned):
    """What the engine proposed for one answer in one run; never updated.

    ``criteria`` is a list of ``{"criterion", "level", "points", "confidence", "start", "end", "missing": [..]}``:
    the evidence is a span of the answer's characters, so that no word of it is kept twice. ``missing`` holds words of
    the rubric. ``neighbours`` is ``[{"answer", "points", "similarity"}]``, ``features`` the engine's numbers.
    """

    class Decision(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        NONE = "none", _("No proposal")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(ProposalRun, models.CASCADE, related_name="proposals")
    answer = models.ForeignKey(Answer, models.CASCADE, related_name="proposals")
    answer_digest = models.CharField(max_length=64)
    decision = models.CharField(max_length=16, choices=Decision)
    # Why there is no proposal, or which rule made it; a code of the engine.
    reason = models.CharField(max_length=40, blank=True)
    situation = models.CharField(max_length=16, blank=True)
    points = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    confidence = models.FloatField(default=0.0)
    criteria = models.JSONField(default=list)
    neighbours = models.JSONField(default=list)
    features = models.JSONField(default=dict)
    model_digest = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "answer"], name="tutor_proposal_once")]

    def __str__(self) -> str:
        return str(self.pk)


class AnswerGroup(OrganisationOwned):
    """Answers to one question that say the same, as the machine or a teacher put them together."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(Question, models.CASCADE, related_name="groups")
    name = models.CharField(_("name"), max_length=120, blank=True)
    position = models.PositiveIntegerField(default=0)
    purity = models.FloatField(null=True)
    exemplar = models.ForeignKey(Answer, models.SET_NULL, null=True, related_name="+")
    made_by_hand = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["position", "created_at"]

    def __str__(self) -> str:
        return str(self.pk)


class GroupMember(OrganisationOwned):
    """An answer in a group, at the version that it had."""

    group = models.ForeignKey(AnswerGroup, models.CASCADE, related_name="members")
    answer = models.OneToOneField(Answer, models.CASCADE, related_name="group_member")
    answer_digest = models.CharField(max_length=64)
    odd = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.group_id} · {self.answer_id}"


class GroupAct(OrganisationOwned):
    """One mark given to all ungraded members of a group, undone as a whole."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(Question, models.CASCADE, related_name="group_acts")
    group = models.ForeignKey(AnswerGroup, models.SET_NULL, null=True, related_name="acts")
    person = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    count = models.PositiveIntegerField(default=0)
    # A client's own id for the act, so that a repeated request has one effect.
    client_id = models.UUIDField(null=True, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.pk)


class Mark(OrganisationOwned):
    """A person's mark on an answer. Never changed: another mark takes its place, and it is withdrawn."""

    class Kind(models.TextChoices):
        FIRST = "first", _("First mark")
        SECOND = "second", _("Second mark")
        FINAL = "final", _("Moderated mark")

    class Origin(models.TextChoices):
        OWN = "own", _("Given without a proposal")
        CONFIRMED = "confirmed", _("Proposal confirmed")
        OVERRIDDEN = "overridden", _("Proposal overridden")
        GROUP = "group", _("Given to a group")
        MODERATED = "moderated", _("Moderated")
        REGRADED = "regraded", _("Regraded")
        IMPORTED = "imported", _("Imported")

    class OverrideReason(models.TextChoices):
        TOO_HIGH = "too_high", _("The proposal is too high")
        TOO_LOW = "too_low", _("The proposal is too low")
        WRONG_EVIDENCE = "wrong_evidence", _("The evidence is not in the answer")
        OTHER_WORDS = "other_words", _("Right in other words")
        RUBRIC_UNCLEAR = "rubric_unclear", _("The rubric does not say")
        OTHER = "other", _("Something else")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    answer = models.ForeignKey(Answer, models.CASCADE, related_name="marks")
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="+")
    rubric = models.ForeignKey(RubricVersion, models.PROTECT, null=True, related_name="+")
    answer_digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.FIRST)
    origin = models.CharField(max_length=16, choices=Origin)
    marker = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    # {criterion id: level id}; empty where the points were given as a whole.
    levels = models.JSONField(default=dict)
    points = models.DecimalField(max_digits=7, decimal_places=2)
    feedback = EncryptedTextField(subject_kind="learner", subject_attribute="learner_id", default="")
    feedback_drafted = models.BooleanField(default=False)
    proposal = models.ForeignKey(Proposal, models.SET_NULL, null=True, related_name="+")
    group_act = models.ForeignKey(GroupAct, models.SET_NULL, null=True, related_name="marks")
    marks_import = models.ForeignKey("tutor.MarksImport", models.SET_NULL, null=True, related_name="marks")
    override_reason = models.CharField(max_length=20, choices=OverrideReason, blank=True)
    # The mark that stood there before; it stands again when this one is withdrawn.
    replaces = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    # A client's own id for the act, so that a repeated request has one effect.
    client_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["answer", "kind"], condition=Q(withdrawn_at__isnull=True), name="tutor_mark_current"
            ),
            models.UniqueConstraint(
                fields=["answer", "client_id"], condition=Q(client_id__isnull=False), name="tutor_mark_client_id"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["answer", "-created_at"], name="tutor_mark_history")]

    def __str__(self) -> str:
        return str(self.pk)


class Release(OrganisationOwned):
    """A submission's results as shown to its learner from a moment on; taken back by ``withdrawn_at``.

    ``marks`` are the ids of the marks that are shown: what a marker does later is a draft until the next release.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="releases")
    batch = models.UUIDField(default=uuid.uuid4)
    marks = ArrayField(models.UUIDField(), default=list)
    released_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    released_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)
    # When its learner first opened it; until then it is new to them.
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["submission"], condition=Q(withdrawn_at__isnull=True), name="tutor_release_current"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class MarkingLock(OrganisationOwned):
    """Who has an answer open for marking, until when."""

    answer = models.OneToOneField(Answer, models.CASCADE, related_name="lock")
    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.answer_id)


class Comment(OrganisationOwned):
    """A sentence of the feedback bank: a teacher's own words, used again.

    ``names`` says whom it may name, where it was kept in spite of the warning: ``{learner id: [words]}``. Erasing the
    learner takes the words out.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(Course, models.CASCADE, related_name="comments")
    question = models.ForeignKey(Question, models.CASCADE, null=True, related_name="comments")
    criterion = models.CharField(max_length=64, blank=True)
    text = models.TextField(_("comment"), max_length=2_000)
    names = models.JSONField(default=dict)
    uses = models.PositiveIntegerField(default=0)
    author = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["-uses", "created_at"]

    def __str__(self) -> str:
        return str(self.pk)


class Annotation(OrganisationOwned):
    """A marker's note on a span of an answer's characters."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    answer = models.ForeignKey(Answer, models.CASCADE, related_name="annotations")
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="+")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    text = EncryptedTextField(subject_kind="learner", subject_attribute="learner_id")
    author = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["start", "created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(end__gt=models.F("start")), name="tutor_annotation_span")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class RegradeRequest(OrganisationOwned):
    """A learner asks to have a released mark looked at again; another marker than the first decides."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("of a request", "Open")
        KEPT = "kept", _("Mark kept")
        CHANGED = "changed", _("Mark changed")
        WITHDRAWN = "withdrawn", _("Taken back")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    answer = models.ForeignKey(Answer, models.CASCADE, related_name="regrades")
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="regrades")
    mark = models.ForeignKey(Mark, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    assigned_to = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["answer"], condition=Q(state="open"), name="tutor_regrade_open"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class RegradeMessage(OrganisationOwned):
    """One message in the thread of a regrade request."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(RegradeRequest, models.CASCADE, related_name="messages")
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="+")
    author = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    text = EncryptedTextField(subject_kind="learner", subject_attribute="learner_id")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["created_at"]

    def __str__(self) -> str:
        return str(self.pk)


class MarkingJob(OrganisationOwned):
    """Long work on one question, such as putting its answers into groups or drafting feedback for them."""

    class Kind(models.TextChoices):
        GROUPS = "groups", _("Groups of answers")
        DRAFTS = "drafts", _("Drafts of feedback")
        SIMILAR = "similar", _("Similar answers")
        ROBUSTNESS = "robustness", _("What tricks would gain")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(Question, models.CASCADE, related_name="marking_jobs")
    kind = models.CharField(max_length=16, choices=Kind)
    state = models.CharField(max_length=16, choices=ProposalRun.State, default=ProposalRun.State.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=60, blank=True)
    requested_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["question", "kind"], condition=Q(state__in=["queued", "running"]), name="tutor_job_at_work"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class FeedbackDraft(OrganisationOwned):
    """Feedback that was drafted for an answer and that no marker has kept yet; it goes when one does.

    ``sources`` names what it stands on: ``{"rubric", "levels": {..}, "chunks": [..], "comments": [..], "marks": [..],
    "model": digest, "asked": bool, "alike": share}``; without a model the statements were put together from the facts
    alone, either because nothing of what it was asked for stood on them or because it was not asked.

    ``earlier`` is the mark on another answer, alike by ``alike``, whose marker's words it says again: it goes with it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    answer = models.OneToOneField(Answer, models.CASCADE, related_name="draft")
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="+")
    answer_digest = models.CharField(max_length=64)
    text = EncryptedTextField(subject_kind="learner", subject_attribute="learner_id")
    sources = models.JSONField(default=dict)
    earlier = models.ForeignKey(Mark, models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return str(self.pk)
